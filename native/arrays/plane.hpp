// A plane: one byte of each number of a field, the highest first. Its places are ordered in steps, a byte for each
// lane.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "arrays/bits.hpp"

namespace nzip::arrays {

// The number whose byte is at a place: lane j has the numbers from j * steps on.
struct Order {
  size_t count, steps;  // what no step is full with comes behind the steps, in its order

  explicit Order(size_t numbers);
};

// Appends a plane. `above` is the plane before it, of the same numbers, or nothing.
void write_plane(std::span<const uint8_t> plane, std::span<const uint8_t> above, std::vector<uint8_t>& out);

// Fills a plane. Throws Damaged.
void read_plane(Reader& in, std::span<const uint8_t> above, std::span<uint8_t> plane);

// Bytes that a plane will take, roughly: with the contexts that are near.
size_t estimate_plane(std::span<const uint8_t> plane, std::span<const uint8_t> above);

}  // namespace nzip::arrays
