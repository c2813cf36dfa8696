// The factor that brings a vector to a root mean square of 1, in integers.
#pragma once

#include <cstdint>

namespace nzip {

uint32_t square_root(uint64_t s);  // rounded down

// x = h * multiplier >> shift: multiplier has 11 bits, shift is at least 1.
struct NormFactor {
  int32_t multiplier;
  int shift;
};

// From the sum of squares, at least 1, and 2^20 times the square root of the number of channels.
NormFactor norm_factor(uint64_t squares, uint32_t scale);

}  // namespace nzip
