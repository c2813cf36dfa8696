// Adaptive probabilities: maps from a small context to the probability of a 1, and the final refinement of one (APM).
#pragma once

#include <cstdint>

#include "cm/tables.hpp"

namespace nzip::NZIP_ISA {

// A probability (22 bits) above its count of observations (10 bits): learns as 1/n until n reaches a limit. Zeroed
// memory is a probability of 1/2, never observed.
class AdaptiveBit {
 public:
  void set(uint32_t p16, uint32_t count = 0) { value_ = (p16 << 16 | count) ^ kHalf; }
  uint32_t p16() const { return value() >> 16; }
  uint32_t count() const { return value_ & 1023; }
  int p12() const { return int(value() >> 20); }
  // limit <= 1023. The product is below 2^22 * 2^16 and is taken in 64 bits.
  void update(int y, uint32_t limit) {
    const uint32_t n = count();
    const int32_t p = int32_t(value() >> 10), target = y ? (1 << 22) - 1 : 0;
    const int32_t step = int32_t((int64_t(target - p) * kTables.reciprocal[n]) >> 16);
    value_ = (value() + (uint32_t(step) << 10) + (n < limit)) ^ kHalf;
  }

 private:
  static constexpr uint32_t kHalf = uint32_t(1) << 31;
  uint32_t value() const { return value_ ^ kHalf; }

  uint32_t value_;
};

// Adaptive probability map (APM/SSE, after PAQ): refines a probability in a context by interpolating between the two
// nearest of 16 points over the stretch domain -7.5..7.5; the nearer point learns. One context fills a cache line.
struct alignas(64) ApmContext {
  static constexpr int kPoints = 16, kBound = 1920;
  uint32_t point[kPoints];  // probability of a 1 in 2^-32

  void reset() {
    for (int i = 0; i < kPoints; ++i) point[i] = squash32(i * 256 - kBound);
  }
};

class ApmCursor {
 public:
  // Returns the refined probability in 2^-32; x is a stretched probability.
  uint32_t refine(ApmContext& context, int x) {
    const int at = (x > ApmContext::kBound - 1 ? ApmContext::kBound - 1
                    : x < -ApmContext::kBound  ? -ApmContext::kBound
                                               : x) +
                   ApmContext::kBound;
    const int low = at >> 8, weight = at & 255;
    nearest_ = context.point + low + (weight >> 7);
    return uint32_t((uint64_t(context.point[low]) * (256 - weight) + uint64_t(context.point[low + 1]) * weight) >> 8);
  }
  void update(int y, int rate) {
    const uint32_t p = *nearest_;
    *nearest_ = y ? p + ((~p) >> rate) : p - (p >> rate);
  }

 private:
  uint32_t* nearest_ = nullptr;
};

}  // namespace nzip::NZIP_ISA
