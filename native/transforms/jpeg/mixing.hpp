// Bits, each predicted by four contexts whose opinions add up.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "transforms/jpeg/logistic.hpp"
#include "transforms/jpeg/octets.hpp"

namespace nzip::jpeg {

// Up to eight bits of a number, each in a lane of its own. They are predicted at once, by what was known before the
// first of them, and learn at once.
template <class Coder>
class MixedBits {
 public:
  MixedBits(Coder& coder, const Octets& octets) : coder_(coder), octets_(octets), sums_(sums_of(octets)) {}
  MixedBits(const MixedBits&) = delete;
  MixedBits& operator=(const MixedBits&) = delete;
  ~MixedBits() { learn(octets_, errors_); }

  // At most once for each lane, which is of the first four (half 0) or of the last four.
  template <size_t half>
  int code(int bit, size_t lane) {
    const uint32_t p = kLogistic.squash(of_half(sums_[half], lane));
    bit = coder_.code(bit, p);
    errors_[half] |= in_half(lane, ((bit << 16) - bit - int(p)) >> 1);
    return bit;
  }

 private:
  Coder& coder_;
  const Octets octets_;
  const Halves sums_;
  Halves errors_{};
};

// A bit that one context predicts alone: its probability in 22 bits.
struct Alone {
  uint32_t p = 1u << 21;

  template <class Coder>
  int code(Coder& coder, int bit) {
    bit = coder.code(bit, std::clamp(p >> 6, 64u, 65536u - 64));
    p = uint32_t(int32_t(p) + (((bit << 22) - bit - int32_t(p)) >> 6));
    return bit;
  }
};

}  // namespace nzip::jpeg
