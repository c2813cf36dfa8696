// What four contexts say of up to eight bits of a number. Opinions are on the scale where independent ones add up: x
// stands for the odds e^(x / 4096), so a new context says nothing. What SIMD code makes is what the scalar code makes.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace nzip::jpeg {

constexpr size_t kContexts = 4, kLanes = 8;
constexpr int16_t kFirstRate = 2048, kLeastRate = 300, kLooseRate = 1300;

// What is known of eight bits in a context: opinions, and how fast they learn. That falls as 1 / n does, down to a
// least rate.
struct alignas(32) Octet {
  std::array<int16_t, kLanes> opinions{};
  std::array<int16_t, kLanes> rates{kFirstRate, kFirstRate, kFirstRate, kFirstRate,
                                    kFirstRate, kFirstRate, kFirstRate, kFirstRate};

  // Lets it learn as if it had seen little.
  void loosen() {
    for (int16_t& rate : rates) rate = std::max(rate, kLooseRate);
  }
};
using Octets = std::array<Octet*, kContexts>;

// Numbers of 16 bits, one for each lane, in two registers.
using Halves = std::array<uint64_t, 2>;
constexpr uint64_t in_half(size_t lane, int number) { return uint64_t(uint16_t(number)) << lane % 4 * 16; }
constexpr int of_half(uint64_t half, size_t lane) { return int16_t(half >> lane % 4 * 16); }

inline int16_t held(int32_t number) { return int16_t(std::clamp(number, -32768, 32767)); }

// Of each bit the sum of its opinions, in 16ths, from -2048 to 2047.
inline Halves scalar_sums(const Octets& octets) {
  Halves sums{};
  for (size_t lane = 0; lane < kLanes; ++lane) {
    const auto of = [&](size_t context) { return int32_t(octets[context]->opinions[lane]); };
    sums[lane / 4] |= in_half(lane, held(held(of(0) + of(1)) + held(of(2) + of(3))) >> 4);
  }
  return sums;
}
// `errors`: how much larger the probabilities of the bits should have been, in 15 bits; 0 for bits that were not coded.
inline void scalar_learn(const Octets& octets, const Halves& errors) {
  for (Octet* const octet : octets)
    for (size_t lane = 0; lane < kLanes; ++lane) {
      const int error = of_half(errors[lane / 4], lane);
      if (!error) continue;
      int16_t &opinion = octet->opinions[lane], &rate = octet->rates[lane];
      opinion = held(opinion + (((2 * rate * error >> 16) + 1) >> 1));
      rate = std::max(int16_t(rate - (8 * rate * rate >> 16)), kLeastRate);
    }
}

#ifdef __SSE2__

inline __m128i load_eight(const std::array<int16_t, kLanes>& from) {
  return _mm_load_si128(reinterpret_cast<const __m128i*>(from.data()));
}
inline void store_eight(std::array<int16_t, kLanes>& to, __m128i of) {
  _mm_store_si128(reinterpret_cast<__m128i*>(to.data()), of);
}

inline Halves sums_of(const Octets& octets) {
  const auto of = [&](size_t context) { return load_eight(octets[context]->opinions); };
  const __m128i sums = _mm_srai_epi16(_mm_adds_epi16(_mm_adds_epi16(of(0), of(1)), _mm_adds_epi16(of(2), of(3))), 4);
  return {uint64_t(_mm_cvtsi128_si64(sums)), uint64_t(_mm_cvtsi128_si64(_mm_unpackhi_epi64(sums, sums)))};
}
inline void learn(const Octets& octets, const Halves& errors) {
  const __m128i error = _mm_set_epi64x(int64_t(errors[1]), int64_t(errors[0]));
  const __m128i untouched = _mm_cmpeq_epi16(error, _mm_setzero_si128());
  for (Octet* const octet : octets) {
    const __m128i rates = load_eight(octet->rates);
    const __m128i by = _mm_mulhi_epi16(_mm_add_epi16(rates, rates), error);
    const __m128i rounded = _mm_srai_epi16(_mm_add_epi16(by, _mm_set1_epi16(1)), 1);
    store_eight(octet->opinions, _mm_adds_epi16(load_eight(octet->opinions), rounded));
    const __m128i slower = _mm_andnot_si128(untouched, _mm_mulhi_epi16(_mm_slli_epi16(rates, 3), rates));
    store_eight(octet->rates, _mm_max_epi16(_mm_sub_epi16(rates, slower), _mm_set1_epi16(kLeastRate)));
  }
}

#else

inline Halves sums_of(const Octets& octets) { return scalar_sums(octets); }
inline void learn(const Octets& octets, const Halves& errors) { scalar_learn(octets, errors); }

#endif

}  // namespace nzip::jpeg
