// Eight numbers of 16 bits that are worked on at once. What SIMD code makes is what the scalar code makes.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace nzip::jpeg {

class ScalarEight {
 public:
  ScalarEight(int a, int b, int c, int d, int e, int f, int g, int h)
      : of_{int16_t(a), int16_t(b), int16_t(c), int16_t(d), int16_t(e), int16_t(f), int16_t(g), int16_t(h)} {}
  static ScalarEight load(const int16_t* from) {
    return {from[0], from[1], from[2], from[3], from[4], from[5], from[6], from[7]};
  }
  void store(int16_t* to) const { std::copy(of_.begin(), of_.end(), to); }

  // The sum of products; it must fit 32 bits.
  int32_t dot(const ScalarEight& other) const {
    int32_t sum = 0;
    for (size_t i = 0; i < 8; ++i) sum += int32_t(of_[i]) * other.of_[i];
    return sum;
  }
  // Adds the inputs times an error of 16 bits, in 16 bits, rounded; what does not fit is held at the bounds.
  void learn(const ScalarEight& inputs, int error) {
    for (size_t i = 0; i < 8; ++i)
      of_[i] = int16_t(std::clamp(of_[i] + ((int32_t(inputs.of_[i]) * error + 0x8000) >> 16), -32768, 32767));
  }

 private:
  std::array<int16_t, 8> of_;
};

#ifdef __SSE2__

class Eight {
 public:
  Eight(int a, int b, int c, int d, int e, int f, int g, int h)
      : of_(_mm_set_epi16(int16_t(h), int16_t(g), int16_t(f), int16_t(e), int16_t(d), int16_t(c), int16_t(b),
                          int16_t(a))) {}
  static Eight load(const int16_t* from) { return Eight(_mm_load_si128(reinterpret_cast<const __m128i*>(from))); }
  void store(int16_t* to) const { _mm_store_si128(reinterpret_cast<__m128i*>(to), of_); }

  int32_t dot(const Eight& other) const {
    __m128i sums = _mm_madd_epi16(of_, other.of_);
    sums = _mm_add_epi32(sums, _mm_shuffle_epi32(sums, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(sums, _mm_shuffle_epi32(sums, 0xB1)));
  }
  void learn(const Eight& inputs, int error) {
    // Twice the product without its low bits, and half of that, rounded up: the inputs have room for a bit more.
    const __m128i twice = _mm_mulhi_epi16(_mm_slli_epi16(inputs.of_, 1), _mm_set1_epi16(int16_t(error)));
    of_ = _mm_adds_epi16(of_, _mm_srai_epi16(_mm_add_epi16(twice, _mm_set1_epi16(1)), 1));
  }

 private:
  explicit Eight(__m128i of) : of_(of) {}
  __m128i of_;
};

#else

using Eight = ScalarEight;

#endif

}  // namespace nzip::jpeg
