// What a detector is: it finds the parts of a block that it knows, and leaves what is between to others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/segments.hpp"
#include "base/stop.hpp"

namespace nzip {

// A part of what is looked at, as a segment's kind and parameter.
struct Found {
  size_t begin, end;
  uint32_t kind, param;
};

// In order; neighbours may touch, and none is empty.
using Detector = std::vector<Found> (*)(std::span<const uint8_t> plain, const Stop& stop);

}  // namespace nzip
