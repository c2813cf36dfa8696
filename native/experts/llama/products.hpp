// Rows of a matrix times activations of several positions. In the variant of the translation unit that includes this
// file; all give the same sums.
#pragma once

#include <cstdint>
#include <cstring>

#include "experts/llama/activations.hpp"

#if defined(NZIP_AVX512) || defined(NZIP_AVX2)
#include <immintrin.h>
#endif

namespace nzip::llama::NZIP_ISA {

// The sum over all blocks of (scale * products + least * sum) >> shift, of 16 rows and N positions from `first` on.
// Where levels are wide, products are sixteenths.
template <bool kWide, int N>
void sum_rows(const uint8_t* p, const Activations& x, size_t first, int32_t (&to)[N][kRows]);

#if defined(NZIP_AVX512)

constexpr int kTogether = 16;  // positions

template <bool kWide>
inline void unpack(const uint8_t* p, __m512i (&w)[8]) {
  if constexpr (kWide) {
    for (int i = 0; i < 8; ++i) w[i] = _mm512_loadu_si512(p + 64 * i);
  } else {
    const __m512i low = _mm512_set1_epi8(15);
    for (int i = 0; i < 4; ++i) {
      const __m512i both = _mm512_loadu_si512(p + 64 * i);
      w[2 * i] = _mm512_and_si512(both, low);
      w[2 * i + 1] = _mm512_and_si512(_mm512_srli_epi16(both, 4), low);
    }
  }
}

inline __m512i four_of(const void* p) {
  int32_t four;
  std::memcpy(&four, p, 4);
  return _mm512_set1_epi32(four);
}

template <bool kWide, int N>
void sum_rows(const uint8_t* p, const Activations& x, size_t first, int32_t (&to)[N][kRows]) {
  constexpr int kLevelBytes = kWide ? 512 : 256;
  __m512i total[N];
  for (int n = 0; n < N; ++n) total[n] = _mm512_setzero_si512();
  const __m512i low = _mm512_set1_epi32(0xffff);
  for (uint32_t b = 0; b < x.blocks; ++b, p += kLevelBytes + 64) {
    _mm_prefetch(reinterpret_cast<const char*>(p) + 4096, _MM_HINT_T0);
    __m512i w[8];
    unpack<kWide>(p, w);
    const __m512i scales = _mm512_loadu_si512(p + kLevelBytes);
    const size_t at = x.at(first, b);
    const int8_t* in = &x.values[at * kBlock];
    const int32_t *offset = &x.offsets[at], *high = &x.highs[at], *shift = &x.shifts[at];
    for (int n = 0; n < N; ++n) {
      __m512i d = _mm512_set1_epi32(kWide ? 8 + 16 * offset[n] : offset[n]), d2 = _mm512_setzero_si512();
      for (int i = 0; i < 8; i += 2) {
        d = _mm512_dpbusd_epi32(d, w[i], four_of(in + n * kBlock + i * 4));
        d2 = _mm512_dpbusd_epi32(d2, w[i + 1], four_of(in + n * kBlock + i * 4 + 4));
      }
      d = _mm512_add_epi32(d, d2);
      if constexpr (kWide) d = _mm512_srai_epi32(d, 4);
      d = _mm512_ternarylogic_epi32(d, low, _mm512_set1_epi32(high[n]), 0xea);  // d & low | high
      const __m512i product = _mm512_dpwssd_epi32(_mm512_setzero_si512(), d, scales);
      total[n] = _mm512_add_epi32(total[n], _mm512_srav_epi32(product, _mm512_set1_epi32(shift[n])));
    }
  }
  for (int n = 0; n < N; ++n) _mm512_storeu_si512(to[n], total[n]);
}

#elif defined(NZIP_AVX2)

constexpr int kTogether = 8;

inline __m256i four_of(const void* p) {
  int32_t four;
  std::memcpy(&four, p, 4);
  return _mm256_set1_epi32(four);
}

inline __m256i load256(const uint8_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }

// Products of levels of four bits: eight of two columns fit into 16 bits.
inline __m256i pairs_of(const __m256i (&w)[8], const int8_t* in) {
  __m256i d = _mm256_maddubs_epi16(w[0], four_of(in));
  for (int i = 1; i < 8; ++i) d = _mm256_add_epi16(d, _mm256_maddubs_epi16(w[i], four_of(in + 4 * i)));
  return _mm256_madd_epi16(d, _mm256_set1_epi16(1));
}

template <bool kWide, int N>
void sum_rows(const uint8_t* p, const Activations& x, size_t first, int32_t (&to)[N][kRows]) {
  constexpr int kLevelBytes = kWide ? 512 : 256;
  const __m256i low = _mm256_set1_epi8(15);
  for (int half = 0; half < 2; ++half) {
    __m256i total[N];
    for (int n = 0; n < N; ++n) total[n] = _mm256_setzero_si256();
    const uint8_t* q = p + 32 * half;
    for (uint32_t b = 0; b < x.blocks; ++b, q += kLevelBytes + 64) {
      __m256i w[8], high[8];
      for (int i = 0; i < 8; ++i) {
        const __m256i both = load256(kWide ? q + 64 * i : q + i / 2 * 64);
        const __m256i upper = _mm256_and_si256(_mm256_srli_epi16(both, 4), low);
        w[i] = kWide || i % 2 == 0 ? _mm256_and_si256(both, low) : upper;
        if constexpr (kWide) high[i] = upper;
      }
      const __m256i scales = load256(q + kLevelBytes);
      for (int n = 0; n < N; ++n) {
        const size_t at = x.at(first + n, b);
        const int8_t* in = &x.values[at * kBlock];
        const int32_t offset = x.offsets[at];
        __m256i d = _mm256_add_epi32(pairs_of(w, in), _mm256_set1_epi32(kWide ? 8 + 16 * offset : offset));
        if constexpr (kWide) d = _mm256_srai_epi32(_mm256_add_epi32(d, _mm256_slli_epi32(pairs_of(high, in), 4)), 4);
        d = _mm256_blend_epi16(d, _mm256_set1_epi32(x.highs[at]), 0xaa);
        const __m256i product = _mm256_madd_epi16(d, scales);
        total[n] = _mm256_add_epi32(total[n], _mm256_sra_epi32(product, _mm_cvtsi32_si128(x.shifts[at])));
      }
    }
    for (int n = 0; n < N; ++n) _mm256_storeu_si256(reinterpret_cast<__m256i*>(to[n] + 8 * half), total[n]);
  }
}

#else

constexpr int kTogether = 8;

template <bool kWide, int N>
void sum_rows(const uint8_t* p, const Activations& x, size_t first, int32_t (&to)[N][kRows]) {
  constexpr int kLevelBytes = kWide ? 512 : 256;
  std::memset(to, 0, sizeof to);
  for (uint32_t b = 0; b < x.blocks; ++b, p += kLevelBytes + 64) {
    int16_t scales[kRows][2];
    std::memcpy(scales, p + kLevelBytes, sizeof scales);
    for (int n = 0; n < N; ++n) {
      const size_t at = x.at(first + n, b);
      const int8_t* in = &x.values[at * kBlock];
      const int32_t offset = x.offsets[at], sum = x.highs[at] >> 16, shift = x.shifts[at];
      for (uint32_t r = 0; r < kRows; ++r) {
        int32_t d = kWide ? 8 + 16 * offset : offset;
        for (uint32_t i = 0; i < 8; ++i) {
          const uint8_t* four = p + (kWide ? i * 64 : i / 2 * 64) + r * 4;
          for (uint32_t j = 0; j < 4; ++j) d += (kWide ? four[j] : four[j] >> i % 2 * 4 & 15) * in[i * 4 + j];
        }
        if (kWide) d >>= 4;
        to[n][r] += (scales[r][0] * d + scales[r][1] * sum) >> shift;
      }
    }
  }
}

#endif

// v * 2^shift, halves rounded up, bounded by 32 bits.
inline int32_t shifted(int32_t v, int shift) {
  constexpr int32_t kMost = INT32_MAX;
  const int left = std::min(std::max(shift, 0), 31), right = std::min(std::max(-shift, 0), 31);
  const int32_t bound = kMost >> left;
  const int32_t bounded = std::min(std::max(v, -bound), bound) << left;
  const int32_t rest = right ? bounded >> (right - 1) & 1 : 0;
  return (bounded >> right) + rest;
}

template <bool kWide, int N>
inline void multiply_some(const Matrix& matrix, const Activations& x, size_t first, uint32_t row, int32_t* to) {
  int32_t sums[N][kRows];
  sum_rows<kWide, N>(matrix.row_block(row), x, first, sums);
  const int16_t* exponents = matrix.exponents() + row;
  const uint32_t count = std::min(kRows, matrix.rows() - row);
  for (int n = 0; n < N; ++n) {
    int32_t* out = to + (first + n) * matrix.rows() + row;
    const int unit = x.units[first + n] + 16;
    for (uint32_t r = 0; r < count; ++r) out[r] = shifted(sums[n][r], exponents[r] + unit);
  }
}

// Of the positions from `at` on, as many together as registers hold.
template <bool kWide, int N>
void multiply_from(size_t at, const Matrix& matrix, const Activations& x, size_t positions, uint32_t row, int32_t* to) {
  for (; at + N <= positions; at += N) multiply_some<kWide, N>(matrix, x, at, row, to);
  if constexpr (N > 1) multiply_from<kWide, N / 2>(at, matrix, x, positions, row, to);
}

template <bool kWide>
void multiply_wide(const Matrix& matrix, const Activations& x, size_t positions, int32_t* to) {
  for (uint32_t row = 0; row < matrix.rows(); row += kRows)
    multiply_from<kWide, kTogether>(0, matrix, x, positions, row, to);
}

// The products of all rows with the first so many positions, in 2^-16, those of a position one behind another.
inline void multiply(const Matrix& matrix, const Activations& x, size_t positions, int32_t* to) {
  if (matrix.wide())
    multiply_wide<true>(matrix, x, positions, to);
  else
    multiply_wide<false>(matrix, x, positions, to);
}

}  // namespace nzip::llama::NZIP_ISA
