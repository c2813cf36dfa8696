// Adaptive probabilities: maps from a small context to the probability of a 1, and the final refinement of one (APM).
#pragma once

#include <cstdint>

#include "engine1/tables.hpp"

namespace nzip::engine1::NZIP_ISA {

// A probability (22 bits) above its count of observations (10 bits): learns as 1/n until n reaches a limit. Zeroed
// memory is a probability of 1/2, never observed.
class AdaptiveBit {
 public:
  void set(uint32_t p16, uint32_t count = 0) { value_ = (p16 << 16 | count) ^ kHalf; }
  uint32_t p16() const { return value() >> 16; }
  uint32_t count() const { return value_ & 1023; }
  int p12() const { return int(value() >> 20); }

  // Bit i learns whether outcome[i], 0 or 1, came true; no bit may be there twice. limit <= 1023. `outcome` is aligned
  // to and padded to a multiple of eight.
  template <int N>
  [[gnu::always_inline]] static void update(AdaptiveBit* const* bits, const int32_t* outcome, uint32_t limit) {
    constexpr int kPadded = (N + 7) / 8 * 8;
    alignas(32) uint32_t value[kPadded] = {};
    alignas(32) int32_t reciprocal[kPadded] = {};
    for (int i = 0; i < N; ++i) {
      value[i] = bits[i]->value_;
      reciprocal[i] = kTables.reciprocal[bits[i]->count()];
    }
    for (int i = 0; i < kPadded; i += 8) {
      Eight<uint32_t>& v = *reinterpret_cast<Eight<uint32_t>*>(value + i);
      const Eight<int32_t> r = *reinterpret_cast<const Eight<int32_t>*>(reciprocal + i);
      const Eight<int32_t> y = *reinterpret_cast<const Eight<int32_t>*>(outcome + i);
      // The distance to the outcome, below 2^22, times a reciprocal of 16 bits, / 2^16: in two parts that fit 32 bits.
      const Eight<int32_t> away = (y << 22) - y - Eight<int32_t>((v ^ kHalf) >> 10);
      const Eight<int32_t> step = ((away >> 8) * r + (((away & 255) * r) >> 8)) >> 8;
      v += Eight<uint32_t>(step << 10) - Eight<uint32_t>((v & 1023) < limit);
    }
    for (int i = 0; i < N; ++i) bits[i]->value_ = value[i];
  }

 private:
  static constexpr uint32_t kHalf = uint32_t(1) << 31;
  uint32_t value() const { return value_ ^ kHalf; }

  template <class T>
  using Eight [[gnu::vector_size(32), gnu::may_alias]] = T;

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

}  // namespace nzip::engine1::NZIP_ISA
