// Stretches of one byte or of a short unit, which are taken out of a block (nzip/transforms/repeats.py).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/stop.hpp"

namespace nzip {

// `size` bytes behind a gap, each of which equals the byte a period before it.
struct Repeat {
  uint64_t gap;  // bytes between the repeat before, or the block's start, and this one
  uint64_t size;
  uint64_t period;
};

// Fills `plain` from the bytes between the repeats. False where these do not fit it.
bool restore_repeats(std::span<const uint8_t> rest, std::span<const Repeat> repeats, std::span<uint8_t> plain,
                     const Stop& stop);

}  // namespace nzip
