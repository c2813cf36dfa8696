// The transform of M. Burrows and D. J. Wheeler, "A Block-sorting Lossless Data Compression Algorithm" (1994).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace nzip::bzip2 {

struct Rotations {
  std::vector<uint8_t> last;  // bytes of the rotations of a block, when these are sorted
  uint32_t first;             // where the block itself stands among them, and
  uint32_t equal;             // how many from there on are equal to it: more than one if it repeats itself
};

// `block` must not be empty. Takes time and memory in proportion to it, whatever is in it.
Rotations sort_rotations(std::span<const uint8_t> block);

}  // namespace nzip::bzip2
