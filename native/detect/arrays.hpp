// Detection of arrays of floats that no header tells of, as trained weights are: of their bytes all but the highest are
// nearly noise.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/segments.hpp"
#include "base/stop.hpp"

namespace nzip {

// Segments as engine 2 takes them, or none where arrays are not most of the block.
std::vector<Segment> find_arrays(std::span<const uint8_t> plain, const Stop& stop);

}  // namespace nzip
