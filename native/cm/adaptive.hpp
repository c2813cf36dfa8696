// Adaptive probabilities: maps from a small context to the probability of a 1, and the final refinement of one (APM).
#pragma once

#include <cstdint>

#include "cm/tables.hpp"

namespace nzip::NZIP_ISA {

// A probability (22 bits) above its count of observations (10 bits): learns as 1/n until n reaches a limit.
class AdaptiveBit {
 public:
  void set(uint32_t p16) { value_ = p16 << 16; }
  int p12() const { return int(value_ >> 20); }
  int p16() const { return int(value_ >> 16); }
  // limit <= 1023. The product is below 2^22 * 2^16 and is taken in 64 bits.
  void update(int y, uint32_t limit) {
    const uint32_t n = value_ & 1023;
    const int32_t p = int32_t(value_ >> 10), target = y ? (1 << 22) - 1 : 0;
    const int32_t step = int32_t((int64_t(target - p) * kTables.reciprocal[n]) >> 16);
    value_ = uint32_t(p + step) << 10 | (n < limit ? n + 1 : n);
  }

 private:
  uint32_t value_ = 1u << 31;
};

// Adaptive probability map (APM/SSE, after PAQ): refines a probability in a context by interpolating between the two
// nearest of 33 points over the stretch domain -8..8; the nearer point learns.
class ApmCursor {
 public:
  // Returns the refined probability in 2^-32.
  uint32_t refine(uint32_t* points, int stretched) {
    const int at = stretched + 2048, low = at >> 7, weight = at & 127;
    nearest_ = points + low + (weight >> 6);
    return uint32_t((uint64_t(points[low]) * (128 - weight) + uint64_t(points[low + 1]) * weight) >> 7);
  }
  void update(int y, int rate) {
    const uint32_t p = *nearest_;
    *nearest_ = y ? p + ((~p) >> rate) : p - (p >> rate);
  }

 private:
  uint32_t* nearest_ = nullptr;
};

constexpr int kApmPoints = 33;

inline void reset_apm(uint32_t* points, int contexts) {
  for (int c = 0; c < contexts; ++c)
    for (int i = 0; i < kApmPoints; ++i) {
      const int x = (i - 16) * 128;
      *points++ = squash32(x);
    }
}

}  // namespace nzip::NZIP_ISA
