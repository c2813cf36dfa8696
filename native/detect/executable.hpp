// Detection of machine code, by what its instructions look like.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "detect/detector.hpp"

namespace nzip {

// The parts of a block that look like machine code, with their InstructionSet.
std::vector<Found> find_code(std::span<const uint8_t> plain, const Stop& stop);

}  // namespace nzip
