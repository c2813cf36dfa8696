// What a token's heads take from the values of the tokens that it sees. In the variant of the translation unit that
// includes this file; all give the same sums.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>

#include "experts/llama/evaluator.hpp"
#include "experts/llama/products.hpp"

namespace nzip::llama::NZIP_ISA {

constexpr int kScoreBits = 12;  // scores are in 2^-12, to the base 2
constexpr int32_t kUnseen = -(int32_t(1) << 30);

// 2^(16 - x / 4096), at most 65,535, for x from 0 to 31 * 4096.
inline int32_t power_of(int32_t x) {
  const int32_t f = x & 4095;
  const int32_t v = 65536 - (f * (45325 - (f * (15149 - (f * 2593 >> 12)) >> 12)) >> 12);
  return std::min(v >> (x >> kScoreBits), 65535);
}

#if defined(NZIP_AVX512)

inline void key_products(const uint8_t* keys, const int8_t* query, uint32_t size, int32_t sum, int32_t* to) {
  __m512i d = _mm512_set1_epi32(-128 * sum), d2 = _mm512_setzero_si512();
  for (uint32_t i = 0; i < size; i += 8) {
    d = _mm512_dpbusd_epi32(d, _mm512_loadu_si512(keys + i * 16), four_of(query + i));
    d2 = _mm512_dpbusd_epi32(d2, _mm512_loadu_si512(keys + i * 16 + 64), four_of(query + i + 4));
  }
  _mm512_storeu_si512(to, _mm512_add_epi32(d, d2));
}

inline void add_values(const int8_t* values, const uint8_t* high, const uint8_t* low, uint32_t size, int32_t* sums) {
  for (uint32_t c = 0; c < size; c += 16) {
    __m512i h = _mm512_loadu_si512(sums + c), l = _mm512_loadu_si512(sums + size + c);
    for (uint32_t four = 0; four < 4; ++four) {
      const __m512i v = _mm512_loadu_si512(values + four * 4 * size + c * 4);
      h = _mm512_dpbusd_epi32(h, four_of(high + 4 * four), v);
      l = _mm512_dpbusd_epi32(l, four_of(low + 4 * four), v);
    }
    _mm512_storeu_si512(sums + c, h);
    _mm512_storeu_si512(sums + size + c, l);
  }
}

#elif defined(NZIP_AVX2)

inline void key_products(const uint8_t* keys, const int8_t* query, uint32_t size, int32_t sum, int32_t* to) {
  const __m256i low = _mm256_set1_epi8(15);
  for (uint32_t half = 0; half < 2; ++half) {
    __m256i total = _mm256_set1_epi32(-128 * sum);
    for (uint32_t i = 0; i < size; i += kBlock) {
      __m256i w[8], high[8];
      for (int j = 0; j < 8; ++j) {
        const __m256i both = load256(keys + i * 16 + j * 64 + half * 32);
        w[j] = _mm256_and_si256(both, low);
        high[j] = _mm256_and_si256(_mm256_srli_epi16(both, 4), low);
      }
      total = _mm256_add_epi32(total, pairs_of(w, query + i));
      total = _mm256_add_epi32(total, _mm256_slli_epi32(pairs_of(high, query + i), 4));
    }
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + 8 * half), total);
  }
}

inline void add_values(const int8_t* values, const uint8_t* high, const uint8_t* low, uint32_t size, int32_t* sums) {
  const auto pairs = [](const uint8_t* p) {  // four numbers of 16 bits, four times
    const __m128i four =
        _mm_cvtepu8_epi16(_mm_cvtsi32_si128(p[0] | p[1] << 8 | p[2] << 16 | int(uint32_t(p[3]) << 24)));
    return _mm256_broadcastq_epi64(four);
  };
  for (uint32_t four = 0; four < 4; ++four) {
    const __m256i h = pairs(high + 4 * four), l = pairs(low + 4 * four);
    for (uint32_t c = 0; c < size; c += 8) {
      const int8_t* v = values + four * 4 * size + c * 4;
      const __m256i a = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(v)));
      const __m256i b = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(v + 16)));
      const auto add = [&](int32_t* to, __m256i p) {
        const __m256i both = _mm256_hadd_epi32(_mm256_madd_epi16(a, p), _mm256_madd_epi16(b, p));
        auto* at = reinterpret_cast<__m256i*>(to + c);
        const __m256i ordered = _mm256_permute4x64_epi64(both, 0xd8);
        _mm256_storeu_si256(at, _mm256_add_epi32(_mm256_loadu_si256(at), ordered));
      };
      add(sums, h);
      add(sums + size, l);
    }
  }
}

#else

inline void key_products(const uint8_t* keys, const int8_t* query, uint32_t size, int32_t sum, int32_t* to) {
  for (uint32_t r = 0; r < kRows; ++r) {
    int32_t d = -128 * sum;
    for (uint32_t i = 0; i < size; ++i) d += keys[i / 4 * 64 + r * 4 + i % 4] * query[i];
    to[r] = d;
  }
}

inline void add_values(const int8_t* values, const uint8_t* high, const uint8_t* low, uint32_t size, int32_t* sums) {
  for (uint32_t s = 0; s < kRows; ++s)
    for (uint32_t c = 0; c < size; ++c) {
      const int32_t v = values[s / 4 * 4 * size + c * 4 + s % 4];
      sums[c] += high[s] * v;
      sums[size + c] += low[s] * v;
    }
}

#endif

// Leaves the share of each slot that is seen, its value's exponent taken off, in bytes; gives the largest of these
// exponents and the sum of all shares.
inline std::pair<int, uint32_t> share(const int8_t* query, int exponent, const Column& column, uint32_t layer,
                                      uint32_t head, uint32_t size, Scratch& scratch) {
  const uint8_t *keys = column.cache->keys(layer, head), *key_exponents = column.cache->key_exponents(layer, head),
                *value_exponents = column.cache->value_exponents(layer, head);
  int32_t sum = 0, top = kUnseen, top_exponent = 0;
  for (uint32_t i = 0; i < size; ++i) sum += query[i];
  int32_t* scores = scratch.scores.data();
  for (const auto [block, mask] : column.visible) {
    key_products(keys + uint64_t(block) * kRows * size, query, size, sum, scores);
    const uint8_t *key_e = key_exponents + block * kRows, *value_e = value_exponents + block * kRows;
    for (uint32_t r = 0; r < kRows; ++r) {
      const int shift = exponent + key_e[r] - 16 + kScoreBits;
      const int left = std::min(std::max(shift, 0), 8), right = std::min(std::max(-shift, 0), 31);
      const bool seen = mask >> r & 1;
      scores[r] = seen ? (scores[r] << left) >> right : kUnseen;
      top = std::max(top, scores[r]);
      top_exponent = std::max(top_exponent, seen ? int32_t(value_e[r]) : 0);
    }
    scores += kRows;
  }
  scores = scratch.scores.data();
  uint32_t mass = 0;
  uint8_t *high = scratch.high.data(), *low = scratch.low.data();
  for (const auto [block, mask] : column.visible) {
    const uint8_t* value_e = value_exponents + block * kRows;
    for (uint32_t r = 0; r < kRows; ++r) {
      const int32_t power = power_of(std::min(top - scores[r], 31 << kScoreBits));
      mass += uint32_t(power);
      const int32_t part = power >> std::min(std::max(top_exponent - value_e[r], 0), 31);
      high[r] = uint8_t(part >> 8);
      low[r] = uint8_t(part);
    }
    scores += kRows;
    high += kRows;
    low += kRows;
  }
  return {top_exponent, mass};
}

// What a head takes, in 2^result: its query is in 2^exponent, scores are to the base 2.
inline int take(const int8_t* query, int exponent, const Column& column, uint32_t layer, uint32_t head, uint32_t size,
                Scratch& scratch, int64_t* to) {
  const auto [top_exponent, mass] = share(query, exponent, column, layer, head, size, scratch);
  const int8_t* values = column.cache->values(layer, head);
  int32_t sums[2 * kMaxHeadSize] = {};
  const uint8_t *high = scratch.high.data(), *low = scratch.low.data();
  for (const Visible& visible : column.visible) {
    add_values(values + uint64_t(visible.block) * kRows * size, high, low, size, sums);
    high += kRows;
    low += kRows;
  }
  const int n = int(std::bit_width(mass));
  const auto factor = int64_t((uint64_t(1) << (n + 23)) / mass);
  for (uint32_t c = 0; c < size; ++c) to[c] = (int64_t(sums[c]) * 256 + sums[size + c]) * factor;
  return top_exponent - 16 - n - 23;
}

}  // namespace nzip::llama::NZIP_ISA
