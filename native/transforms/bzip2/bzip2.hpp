// bzip2 streams as their content: bzip2 1.0.8 makes no choices but the size of blocks. What is written again is
// specified in docs/format/bzip2.md and never changes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/stop.hpp"

namespace nzip::bzip2 {

struct Opened {
  size_t size;  // bytes of the stream that this stands for: all, or what its first blocks fill
  std::vector<uint8_t> content, residue;
};

// The stream at the start of `data`, as far as its blocks are whole, bzip2's, and hold at most `most` bytes together.
// Nothing where there is no such block.
std::optional<Opened> open(std::span<const uint8_t> data, size_t most, const Stop& stop);

// The stream. Throws std::invalid_argument where these are not what open() makes.
std::vector<uint8_t> close(std::span<const uint8_t> content, std::span<const uint8_t> residue, const Stop& stop);

}  // namespace nzip::bzip2
