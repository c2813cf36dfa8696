// What the gated layer's gates let through. In the variant of the translation unit that includes this file; all give
// the same numbers.
#pragma once

#include <algorithm>
#include <cstdint>

#include "experts/llama/scratch.hpp"
#include "experts/llama/shape.hpp"

#if defined(NZIP_AVX512)
#include <immintrin.h>
#endif

namespace nzip::llama::NZIP_ISA {

constexpr uint32_t kLog2E = 94548;  // in 2^-16

#if defined(NZIP_AVX512)

// g / (1 + e^-g) * u of a block's gates and what they let through, each in 2^-16; in 2^-32.
inline void let_through(const int32_t* gates, const int32_t* ups, int64_t* to) {
  const int32_t* table = sigmoids();
  const auto eight = [](const int32_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); };
  const __m256i one = _mm256_set1_epi32(65536);
  for (uint32_t i = 0; i < kBlock; i += 8) {
    const __m512i v = _mm512_cvtepi32_epi64(eight(gates + i));
    const __m512i x = _mm512_srli_epi64(_mm512_mul_epu32(_mm512_abs_epi64(v), _mm512_set1_epi64(kLog2E)), 16);
    const __m512i place = _mm512_srli_epi64(x, 10);
    const __mmask8 inside = _mm512_cmplt_epi64_mask(place, _mm512_set1_epi64(1024));
    const __m256i here = _mm512_mask_i64gather_epi32(one, inside, place, table, 4);
    const __m256i next = _mm512_mask_i64gather_epi32(one, inside, place, table + 1, 4);
    const __m256i part = _mm512_cvtepi64_epi32(_mm512_and_si512(x, _mm512_set1_epi64(1023)));
    const __m256i rise = _mm256_srai_epi32(_mm256_mullo_epi32(_mm256_sub_epi32(next, here), part), 10);
    const __m256i s = _mm256_add_epi32(here, rise);
    const __m256i share = _mm256_mask_sub_epi32(s, _mm512_movepi64_mask(v), one, s);
    const __m512i product = _mm512_mul_epi32(v, _mm512_cvtepi32_epi64(share));
    const __m512i let = _mm512_srai_epi64(_mm512_add_epi64(product, _mm512_set1_epi64(1 << 15)), 16);
    _mm512_storeu_si512(to + i, _mm512_mul_epi32(let, _mm512_cvtepi32_epi64(eight(ups + i))));
  }
}

#else

// v / (1 + e^-v), in 2^-16.
inline int64_t silu(int32_t v, const int32_t* table) {
  const int64_t x = (v < 0 ? -int64_t(v) : int64_t(v)) * kLog2E >> 16;
  const int64_t i = x >> 10;
  const int64_t s = i < 1024 ? table[i] + ((table[i + 1] - table[i]) * (x & 1023) >> 10) : 65536;
  return (int64_t(v) * (v < 0 ? 65536 - s : s) + (1 << 15)) >> 16;
}

// g / (1 + e^-g) * u of a block's gates and what they let through, each in 2^-16; in 2^-32.
inline void let_through(const int32_t* gates, const int32_t* ups, int64_t* to) {
  const int32_t* table = sigmoids();
  for (uint32_t i = 0; i < kBlock; ++i) to[i] = silu(gates[i], table) * ups[i];
}

#endif

}  // namespace nzip::llama::NZIP_ISA
