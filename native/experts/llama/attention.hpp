// What a token's heads take from the values of the tokens that it sees. In the variant of the translation unit that
// includes this file; all give the same sums.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>

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

// G heads that have the same keys and values; what belongs to each lies one behind another.

#if defined(NZIP_AVX512)

// Products of 16 keys with G queries; those of a head lie `stride` numbers behind those of the one before.
template <int G>
inline void key_products(const uint8_t* keys, const int8_t* queries, uint32_t size, const int32_t (&sums)[G],
                         int32_t* to, size_t stride) {
  __m512i d[G], d2[G];
  for (int g = 0; g < G; ++g) {
    d[g] = _mm512_set1_epi32(-128 * sums[g]);
    d2[g] = _mm512_setzero_si512();
  }
  for (uint32_t i = 0; i < size; i += 8) {
    const __m512i k = _mm512_loadu_si512(keys + i * 16), k2 = _mm512_loadu_si512(keys + i * 16 + 64);
    for (int g = 0; g < G; ++g) {
      d[g] = _mm512_dpbusd_epi32(d[g], k, four_of(queries + g * size + i));
      d2[g] = _mm512_dpbusd_epi32(d2[g], k2, four_of(queries + g * size + i + 4));
    }
  }
  for (int g = 0; g < G; ++g) _mm512_storeu_si512(to + g * stride, _mm512_add_epi32(d[g], d2[g]));
}

// The values of the blocks that are seen times the high and low bytes of their shares, which lie like products of keys,
// summed up: a head's sums of high ones, then of low ones.
template <int G>
inline void sum_values(const int8_t* values, std::span<const Visible> visible, const uint8_t* high, const uint8_t* low,
                       uint32_t size, int32_t* to) {
  const size_t stride = visible.size() * kRows;
  for (uint32_t c = 0; c < size; c += 32) {
    __m512i h[G][2], l[G][2];
    for (int g = 0; g < G; ++g) h[g][0] = h[g][1] = l[g][0] = l[g][1] = _mm512_setzero_si512();
    for (size_t i = 0; i < stride; i += 4) {
      const uint64_t slot = uint64_t(visible[i / kRows].block) * kRows + i % kRows;
      const int8_t* from = values + slot * size + c * 4;
      const __m512i v = _mm512_loadu_si512(from), v2 = _mm512_loadu_si512(from + 64);
      for (int g = 0; g < G; ++g) {
        const __m512i p = four_of(high + g * stride + i), p2 = four_of(low + g * stride + i);
        h[g][0] = _mm512_dpbusd_epi32(h[g][0], p, v);
        h[g][1] = _mm512_dpbusd_epi32(h[g][1], p, v2);
        l[g][0] = _mm512_dpbusd_epi32(l[g][0], p2, v);
        l[g][1] = _mm512_dpbusd_epi32(l[g][1], p2, v2);
      }
    }
    for (int g = 0; g < G; ++g)
      for (int half = 0; half < 2; ++half) {
        _mm512_storeu_si512(to + 2 * g * size + c + 16 * half, h[g][half]);
        _mm512_storeu_si512(to + (2 * g + 1) * size + c + 16 * half, l[g][half]);
      }
  }
}

inline __m512i bytes_of(const uint8_t* p) {
  return _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
}

// The lesser of a number and `most`, at least 0.
inline __m512i within(__m512i v, int32_t most) {
  return _mm512_min_epi32(_mm512_max_epi32(v, _mm512_setzero_si512()), _mm512_set1_epi32(most));
}

// What 16 slots each bring to the largest number, or to a sum.
using Sixteen = __m512i;

inline Sixteen all_of(int32_t v) { return _mm512_set1_epi32(v); }
inline int32_t largest(Sixteen v) { return _mm512_reduce_max_epi32(v); }
inline uint32_t total(Sixteen v) { return uint32_t(_mm512_reduce_add_epi32(v)); }

inline void note_seen(const uint8_t* exponents, uint16_t seen, Sixteen& top) {
  top = _mm512_mask_max_epi32(top, seen, top, bytes_of(exponents));
}

// Makes scores of the products with 16 keys, whose unit is 2^exponent times their own.
inline void put_scores(int32_t* products, const uint8_t* exponents, int exponent, uint16_t seen, Sixteen& top) {
  const __m512i shift = _mm512_add_epi32(bytes_of(exponents), _mm512_set1_epi32(exponent - 16 + kScoreBits));
  const __m512i left = within(shift, 8), right = within(_mm512_sub_epi32(_mm512_setzero_si512(), shift), 31);
  const __m512i score = _mm512_srav_epi32(_mm512_sllv_epi32(_mm512_loadu_si512(products), left), right);
  const __m512i known = _mm512_mask_mov_epi32(_mm512_set1_epi32(kUnseen), seen, score);
  _mm512_storeu_si512(products, known);
  top = _mm512_max_epi32(top, known);
}

// Makes shares of 16 scores, with what their values' exponents lack of the top one taken off; sums them up before that.
inline void put_shares(const int32_t* scores, int32_t top, const uint8_t* exponents, int top_exponent, uint8_t* high,
                       uint8_t* low, Sixteen& mass) {
  const auto part = [&](__m512i f, __m512i v) { return _mm512_srai_epi32(_mm512_mullo_epi32(f, v), 12); };
  const __m512i x =
      _mm512_min_epi32(_mm512_sub_epi32(all_of(top), _mm512_loadu_si512(scores)), all_of(31 << kScoreBits));
  const __m512i f = _mm512_and_si512(x, all_of(4095));
  const __m512i inner = _mm512_sub_epi32(all_of(15149), part(f, all_of(2593)));
  const __m512i v = _mm512_sub_epi32(all_of(65536), part(f, _mm512_sub_epi32(all_of(45325), part(f, inner))));
  const __m512i power = _mm512_min_epi32(_mm512_srav_epi32(v, _mm512_srai_epi32(x, kScoreBits)), all_of(65535));
  const __m512i parts =
      _mm512_srav_epi32(power, within(_mm512_sub_epi32(all_of(top_exponent), bytes_of(exponents)), 31));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(high), _mm512_cvtepi32_epi8(_mm512_srai_epi32(parts, 8)));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(low), _mm512_cvtepi32_epi8(parts));
  mass = _mm512_add_epi32(mass, power);
}

#elif defined(NZIP_AVX2)

template <int G>
inline void key_products(const uint8_t* keys, const int8_t* queries, uint32_t size, const int32_t (&sums)[G],
                         int32_t* to, size_t stride) {
  const __m256i low = _mm256_set1_epi8(15);
  for (uint32_t half = 0; half < 2; ++half) {
    __m256i total[G];
    for (int g = 0; g < G; ++g) total[g] = _mm256_set1_epi32(-128 * sums[g]);
    for (uint32_t i = 0; i < size; i += kBlock) {
      __m256i w[8], high[8];
      for (int j = 0; j < 8; ++j) {
        const __m256i both = load256(keys + i * 16 + j * 64 + half * 32);
        w[j] = _mm256_and_si256(both, low);
        high[j] = _mm256_and_si256(_mm256_srli_epi16(both, 4), low);
      }
      for (int g = 0; g < G; ++g) {
        total[g] = _mm256_add_epi32(total[g], pairs_of(w, queries + g * size + i));
        total[g] = _mm256_add_epi32(total[g], _mm256_slli_epi32(pairs_of(high, queries + g * size + i), 4));
      }
    }
    for (int g = 0; g < G; ++g) _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + g * stride + 8 * half), total[g]);
  }
}

template <int G>
inline void add_values(const int8_t* values, const uint8_t* high, const uint8_t* low, size_t stride, uint32_t size,
                       int32_t* to) {
  const auto pairs = [](const uint8_t* p) {  // four numbers of 16 bits, four times
    const __m128i four =
        _mm_cvtepu8_epi16(_mm_cvtsi32_si128(p[0] | p[1] << 8 | p[2] << 16 | int(uint32_t(p[3]) << 24)));
    return _mm256_broadcastq_epi64(four);
  };
  for (uint32_t four = 0; four < 4; ++four)
    for (uint32_t c = 0; c < size; c += 8) {
      const int8_t* v = values + four * 4 * size + c * 4;
      const __m256i a = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(v)));
      const __m256i b = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(v + 16)));
      const auto add = [&](int32_t* sums, __m256i p) {
        const __m256i both = _mm256_hadd_epi32(_mm256_madd_epi16(a, p), _mm256_madd_epi16(b, p));
        auto* at = reinterpret_cast<__m256i*>(sums + c);
        const __m256i ordered = _mm256_permute4x64_epi64(both, 0xd8);
        _mm256_storeu_si256(at, _mm256_add_epi32(_mm256_loadu_si256(at), ordered));
      };
      for (int g = 0; g < G; ++g) {
        add(to + 2 * g * size, pairs(high + g * stride + 4 * four));
        add(to + (2 * g + 1) * size, pairs(low + g * stride + 4 * four));
      }
    }
}

#else

template <int G>
inline void key_products(const uint8_t* keys, const int8_t* queries, uint32_t size, const int32_t (&sums)[G],
                         int32_t* to, size_t stride) {
  for (int g = 0; g < G; ++g)
    for (uint32_t r = 0; r < kRows; ++r) {
      int32_t d = -128 * sums[g];
      for (uint32_t i = 0; i < size; ++i) d += keys[i / 4 * 64 + r * 4 + i % 4] * queries[g * size + i];
      to[g * stride + r] = d;
    }
}

template <int G>
inline void add_values(const int8_t* values, const uint8_t* high, const uint8_t* low, size_t stride, uint32_t size,
                       int32_t* to) {
  for (int g = 0; g < G; ++g)
    for (uint32_t s = 0; s < kRows; ++s)
      for (uint32_t c = 0; c < size; ++c) {
        const int32_t v = values[s / 4 * 4 * size + c * 4 + s % 4];
        to[2 * g * size + c] += high[g * stride + s] * v;
        to[(2 * g + 1) * size + c] += low[g * stride + s] * v;
      }
}

#endif

#if !defined(NZIP_AVX512)

template <int G>
inline void sum_values(const int8_t* values, std::span<const Visible> visible, const uint8_t* high, const uint8_t* low,
                       uint32_t size, int32_t* to) {
  std::fill_n(to, 2 * G * size, 0);
  for (size_t i = 0; i < visible.size(); ++i)
    add_values<G>(values + uint64_t(visible[i].block) * kRows * size, high + i * kRows, low + i * kRows,
                  visible.size() * kRows, size, to);
}

using Sixteen = int32_t;  // what 16 slots bring together

inline Sixteen all_of(int32_t v) { return v; }
inline int32_t largest(Sixteen v) { return v; }
inline uint32_t total(Sixteen v) { return uint32_t(v); }

inline void note_seen(const uint8_t* exponents, uint16_t seen, Sixteen& top) {
  for (uint32_t r = 0; r < kRows; ++r) top = std::max(top, exponents[r] & -int32_t(seen >> r & 1));
}

inline void put_scores(int32_t* __restrict products, const uint8_t* __restrict exponents, int exponent, uint16_t seen,
                       Sixteen& top) {
  for (uint32_t r = 0; r < kRows; ++r) {
    const int shift = exponent + exponents[r] - 16 + kScoreBits;
    const int left = std::min(std::max(shift, 0), 8), right = std::min(std::max(-shift, 0), 31);
    const int32_t score = (products[r] << left) >> right, mask = -int32_t(seen >> r & 1);
    products[r] = (score & mask) | (kUnseen & ~mask);
    top = std::max(top, products[r]);
  }
}

inline void put_shares(const int32_t* __restrict scores, int32_t top, const uint8_t* __restrict exponents,
                       int top_exponent, uint8_t* __restrict high, uint8_t* __restrict low, Sixteen& mass) {
  int32_t parts[kRows];
  for (uint32_t r = 0; r < kRows; ++r) {
    const int32_t power = power_of(std::min(top - scores[r], 31 << kScoreBits));
    mass += power;
    parts[r] = power >> std::min(std::max(top_exponent - exponents[r], 0), 31);
  }
  for (uint32_t r = 0; r < kRows; ++r) {
    high[r] = uint8_t(parts[r] >> 8);
    low[r] = uint8_t(parts[r]);
  }
}

#endif

// What G heads take, each in 2^units: their queries are in 2^exponents, scores are to the base 2.
template <int G>
void take(const int8_t* queries, const int* exponents, const Column& column, uint32_t layer, uint32_t head,
          uint32_t size, Shares& shares, int64_t* to, int* units) {
  const uint8_t *keys = column.cache->keys(layer, head), *key_exponents = column.cache->key_exponents(layer, head),
                *value_exponents = column.cache->value_exponents(layer, head);
  const int8_t* values = column.cache->values(layer, head);
  const size_t stride = column.visible.size() * kRows;

  int32_t sums[G] = {}, tops[G];
  Sixteen most[G], most_exponent = all_of(0), masses[G];
  for (int g = 0; g < G; ++g) {
    for (uint32_t i = 0; i < size; ++i) sums[g] += queries[g * size + i];
    most[g] = all_of(kUnseen);
    masses[g] = all_of(0);
  }
  int32_t* scores = shares.scores.data();
  for (const auto [block, mask] : column.visible) {
    key_products<G>(keys + uint64_t(block) * kRows * size, queries, size, sums, scores, stride);
    for (int g = 0; g < G; ++g)
      put_scores(scores + g * stride, key_exponents + block * kRows, exponents[g], mask, most[g]);
    note_seen(value_exponents + block * kRows, mask, most_exponent);
    scores += kRows;
  }

  const int top_exponent = largest(most_exponent);
  for (int g = 0; g < G; ++g) tops[g] = largest(most[g]);
  scores = shares.scores.data();
  uint8_t *high = shares.high.data(), *low = shares.low.data();
  for (const Visible& visible : column.visible) {
    for (int g = 0; g < G; ++g)
      put_shares(scores + g * stride, tops[g], value_exponents + visible.block * kRows, top_exponent, high + g * stride,
                 low + g * stride, masses[g]);
    scores += kRows;
    high += kRows;
    low += kRows;
  }

  int32_t taken[2 * G * kMaxHeadSize];
  sum_values<G>(values, column.visible, shares.high.data(), shares.low.data(), size, taken);
  for (int g = 0; g < G; ++g) {
    const uint32_t mass = total(masses[g]);
    const int n = int(std::bit_width(mass));
    const auto factor = int64_t((uint64_t(1) << (n + 23)) / mass);
    const int32_t* sum = taken + 2 * g * size;
    for (uint32_t c = 0; c < size; ++c) to[g * size + c] = (int64_t(sum[c]) * 256 + sum[size + c]) * factor;
    units[g] = top_exponent - 16 - n - 23;
  }
}

// The same for so many heads, at most kGroup.
inline void take(uint32_t heads, const int8_t* queries, const int* exponents, const Column& column, uint32_t layer,
                 uint32_t head, uint32_t size, Shares& shares, int64_t* to, int* units) {
  static_assert(kGroup == 4);
  constexpr decltype(&take<1>) kTakes[] = {take<1>, take<2>, take<3>, take<4>};
  kTakes[heads - 1](queries, exponents, column, layer, head, size, shares, to, units);
}

}  // namespace nzip::llama::NZIP_ISA
