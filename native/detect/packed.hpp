// Detection of what cannot be made smaller: compressed or encrypted data, noise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/stop.hpp"

namespace nzip {

struct PackedRange {
  size_t begin, end;
};

// The parts of a block that no model would predict, in order; neighbours may touch. What occurs twice is not among
// them, for matches do.
std::vector<PackedRange> find_packed(std::span<const uint8_t> plain, const Stop& stop);

}  // namespace nzip
