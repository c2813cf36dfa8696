// Rows of a matrix times activations of several positions. In the variant of the translation unit that includes this
// file; all give the same sums.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <utility>

#include "base/crew.hpp"
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
    for (int i = 0; i < kLevelBytes + 64; i += 64)  // which crosses pages, as the hardware's own does not
      _mm_prefetch(reinterpret_cast<const char*>(p) + 4096 + i, _MM_HINT_T0);
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

using MultiplySome = void (*)(const Matrix&, const Activations&, size_t, uint32_t, int32_t*);

// By how many positions there are, less 1.
template <bool kWide, int... N>
constexpr std::array<MultiplySome, sizeof...(N)> multiply_by_count(std::integer_sequence<int, N...>) {
  return {&multiply_some<kWide, N + 1>...};
}

// 16 rows from `row` on, of all positions: as many together as registers hold, in parts as equal as may be.
inline void multiply_row(const Matrix& matrix, const Activations& x, size_t positions, uint32_t row, int32_t* to) {
  constexpr std::make_integer_sequence<int, kTogether> kCounts;
  static constexpr std::array kSome = {multiply_by_count<false>(kCounts), multiply_by_count<true>(kCounts)};
  const auto& some = kSome[matrix.wide()];
  size_t at = 0;
  for (size_t parts = (positions + kTogether - 1) / kTogether; parts; --parts) {
    const size_t count = (positions - at) / parts;
    some[count - 1](matrix, x, at, row, to);
    at += count;
  }
}

struct Product {
  const Matrix& matrix;
  int32_t* to;  // of all rows with each position, in 2^-16, those of a position one behind another
};

// Products of the same activations, of the first so many positions.
inline void multiply(std::initializer_list<Product> products, const Activations& x, size_t positions, Crew& crew) {
  // For each worker, so that nobody waits for long. Where reading takes the time, long pieces are read faster.
  const uint32_t each = positions < 8 ? 2 : 16;
  const auto blocks_of = [](const Product& product) { return (product.matrix.rows() + kRows - 1) / kRows; };
  uint32_t blocks = 0;
  for (const Product& product : products) blocks += blocks_of(product);
  const uint32_t pieces = crew.workers() == 1 ? 1 : std::min(blocks, crew.workers() * each);
  crew.run(pieces, [&](uint32_t piece, uint32_t) {
    const auto first = uint32_t(uint64_t(blocks) * piece / pieces);
    const auto last = uint32_t(uint64_t(blocks) * (piece + 1) / pieces);
    uint32_t begin = 0;
    for (const Product& product : products) {
      const uint32_t end = begin + blocks_of(product);
      for (uint32_t block = std::max(begin, first); block < std::min(end, last); ++block)
        multiply_row(product.matrix, x, positions, (block - begin) * kRows, product.to);
      begin = end;
    }
  });
}

}  // namespace nzip::llama::NZIP_ISA
