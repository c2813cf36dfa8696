// Detection of machine code, by what its instructions look like.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/stop.hpp"

namespace nzip {

struct CodeRange {
  size_t begin, end;
  uint32_t set;  // InstructionSet
};

// The parts of a block that look like machine code, in order.
std::vector<CodeRange> find_code(std::span<const uint8_t> plain, const Stop& stop);

}  // namespace nzip
