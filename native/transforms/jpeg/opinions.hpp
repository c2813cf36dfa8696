// What four contexts say of a bit. Opinions are on the scale where independent ones add up: x stands for the odds
// e^(x / 4096), so a new context says nothing. What SIMD code makes is what the scalar code makes.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace nzip::jpeg {

constexpr size_t kContexts = 4;

// What is known of a bit in a context: its opinion in the low 16 bits, and above how fast it learns. That falls as
// 1 / n does, down to a least rate.
using Slot = uint32_t;
constexpr uint32_t kFirstRate = 2048, kLeastRate = 300, kLooseRate = 1300;
constexpr Slot kNewSlot = kFirstRate << 16;

// Lets a slot learn as if it had seen little.
constexpr Slot loosened(Slot slot) { return std::max(slot >> 16, kLooseRate) << 16 | (slot & 0xffff); }

class ScalarOpinions {
 public:
  ScalarOpinions(Slot a, Slot b, Slot c, Slot d) : slots_{a, b, c, d} {}
  template <size_t i>
  Slot slot() const {
    return slots_[i];
  }

  int32_t sum() const {
    int32_t sum = 0;
    for (const Slot slot : slots_) sum += int16_t(slot);
    return sum;
  }
  // `error`: how much larger the bit's probability should have been, in 15 bits.
  void learn(int error) {
    for (Slot& slot : slots_) {
      const int32_t rate = int32_t(slot >> 16), by = ((2 * rate * error >> 16) + 1) >> 1;
      const auto opinion = uint16_t(std::clamp(int16_t(slot) + by, -32768, 32767));
      slot = std::max(uint32_t(rate - (8 * rate * rate >> 16)), kLeastRate) << 16 | opinion;
    }
  }

 private:
  std::array<Slot, kContexts> slots_;
};

#ifdef __SSE2__

class Opinions {
 public:
  Opinions(Slot a, Slot b, Slot c, Slot d)
      : slots_(_mm_unpacklo_epi64(_mm_unpacklo_epi32(_mm_cvtsi32_si128(int(a)), _mm_cvtsi32_si128(int(b))),
                                  _mm_unpacklo_epi32(_mm_cvtsi32_si128(int(c)), _mm_cvtsi32_si128(int(d))))) {}
  template <size_t i>
  Slot slot() const {
    return Slot(_mm_cvtsi128_si32(_mm_shuffle_epi32(slots_, int(i))));
  }

  int32_t sum() const {
    __m128i sums = _mm_madd_epi16(slots_, _mm_set1_epi32(1));
    sums = _mm_add_epi32(sums, _mm_shuffle_epi32(sums, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(sums, _mm_shuffle_epi32(sums, 0xB1)));
  }
  void learn(int error) {
    const __m128i low = _mm_set1_epi32(0xffff);
    const __m128i rates = _mm_srli_epi32(slots_, 16), high = _mm_andnot_si128(low, slots_);
    // Below, twice the rate and the error; above, the rate and eight times itself.
    const __m128i products =
        _mm_mulhi_epi16(_mm_or_si128(_mm_slli_epi32(rates, 1), high),
                        _mm_or_si128(_mm_set1_epi32(error & 0xffff), _mm_slli_epi32(rates, 16 + 3)));
    const __m128i by = _mm_srai_epi16(_mm_add_epi16(products, _mm_set1_epi32(1)), 1);
    const __m128i opinions = _mm_and_si128(_mm_adds_epi16(slots_, by), low);
    const __m128i slower = _mm_max_epi16(_mm_sub_epi16(high, products), _mm_set1_epi32(int(kLeastRate << 16)));
    slots_ = _mm_or_si128(opinions, _mm_andnot_si128(low, slower));
  }

 private:
  __m128i slots_;
};

#else

using Opinions = ScalarOpinions;

#endif

}  // namespace nzip::jpeg
