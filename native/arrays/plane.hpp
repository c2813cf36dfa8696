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

// What tells of a plane's bytes: a byte for each, or nothing.
struct Beside {
  std::span<const uint8_t> above;    // the plane before it, of the same numbers
  std::span<const uint8_t> earlier;  // of what an earlier file has in the numbers' place
};

// Appends a plane.
void write_plane(std::span<const uint8_t> plane, const Beside& beside, std::vector<uint8_t>& out);

// Fills a plane. Throws Damaged.
void read_plane(Reader& in, const Beside& beside, std::span<uint8_t> plane);

// Bytes that a plane will take, roughly: with the contexts that are near.
size_t estimate_plane(std::span<const uint8_t> plane, const Beside& beside);

}  // namespace nzip::arrays
