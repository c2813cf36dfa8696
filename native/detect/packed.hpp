// Detection of what cannot be made smaller: compressed or encrypted data, noise.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "detect/detector.hpp"

namespace nzip {

// The parts of a block that no model would predict. What occurs twice is not among them, for matches do.
std::vector<Found> find_packed(std::span<const uint8_t> plain, const Stop& stop);

}  // namespace nzip
