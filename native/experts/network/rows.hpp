// Sums of rows of the input tables, in 16 bits: of 43 values of -128 to 127 at most. docs/model.md has the bounds.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "experts/network/network.hpp"
#include "experts/network/vector.hpp"

namespace nzip::NZIP_ISA {

constexpr int kRowStep = 16;  // values that are added together; every width is a multiple of it

#if defined(NZIP_AVX512) || defined(NZIP_AVX2)

using Sums = __m256i;  // 16 of them
inline Sums load_sums(const int16_t* p) { return _mm256_load_si256(reinterpret_cast<const __m256i*>(p)); }
inline void store_sums(int16_t* p, Sums sums) { _mm256_store_si256(reinterpret_cast<__m256i*>(p), sums); }
inline Sums add_values(Sums sums, __m128i values) { return _mm256_add_epi16(sums, _mm256_cvtepi8_epi16(values)); }
inline Sums add_bytes(Sums sums, const uint8_t* row) {
  return add_values(sums, _mm_loadu_si128(reinterpret_cast<const __m128i*>(row)));
}
inline Sums add_levels(Sums sums, const uint8_t* row) {
  const __m128i levels = _mm_setr_epi8(0, 2, 5, 9, 14, 20, 28, 40, 0, -2, -5, -9, -14, -20, -28, -40);
  const __m128i low = _mm_set1_epi8(15), pairs = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(row));
  const __m128i names = _mm_unpacklo_epi8(_mm_and_si128(pairs, low), _mm_and_si128(_mm_srli_epi16(pairs, 4), low));
  return add_values(sums, _mm_shuffle_epi8(levels, names));
}

#elif defined(NZIP_NEON)

struct Sums {
  int16x8_t low, high;
};
inline Sums load_sums(const int16_t* p) { return {vld1q_s16(p), vld1q_s16(p + 8)}; }
inline void store_sums(int16_t* p, Sums sums) {
  vst1q_s16(p, sums.low);
  vst1q_s16(p + 8, sums.high);
}
inline Sums add_values(Sums sums, int8x16_t values) {
  return {vaddw_s8(sums.low, vget_low_s8(values)), vaddw_s8(sums.high, vget_high_s8(values))};
}
inline Sums add_bytes(Sums sums, const uint8_t* row) { return add_values(sums, vreinterpretq_s8_u8(vld1q_u8(row))); }
inline Sums add_levels(Sums sums, const uint8_t* row) {
  constexpr int8_t kNamed[16] = {0, 2, 5, 9, 14, 20, 28, 40, 0, -2, -5, -9, -14, -20, -28, -40};
  const uint8x8_t pairs = vld1_u8(row);
  const uint8x8x2_t names = vzip_u8(vand_u8(pairs, vdup_n_u8(15)), vshr_n_u8(pairs, 4));
  return add_values(sums, vqtbl1q_s8(vld1q_s8(kNamed), vcombine_u8(names.val[0], names.val[1])));
}

#else

struct Sums {
  int16_t value[kRowStep] = {};
};
inline Sums load_sums(const int16_t* p) {
  Sums sums;
  std::copy_n(p, kRowStep, sums.value);
  return sums;
}
inline void store_sums(int16_t* p, const Sums& sums) { std::copy_n(sums.value, kRowStep, p); }
inline Sums add_bytes(Sums sums, const uint8_t* row) {
  for (int j = 0; j < kRowStep; ++j) sums.value[j] = int16_t(sums.value[j] + int8_t(row[j]));
  return sums;
}
inline Sums add_levels(Sums sums, const uint8_t* row) {
  for (int j = 0; j < kRowStep; ++j) {
    const int name = row[j / 2] >> 4 * (j & 1) & 15, level = kLevels[name & 7];
    sums.value[j] = int16_t(sums.value[j] + (name < 8 ? level : -level));
  }
  return sums;
}

#endif

// sum: of a row of each table, for each of the channels. The first tables that have a byte for every channel are summed
// without a detour through memory.
inline void sum_rows(std::span<const InputTable> tables, const int32_t* row, int channels, int16_t* sum) {
  const uint8_t* values[kMaxInputTables];
  for (size_t k = 0; k < tables.size(); ++k) values[k] = tables[k].values + uint64_t(row[k]) * tables[k].row_bytes;
  size_t wide = 0;
  while (wide < tables.size() && !tables[wide].named && tables[wide].width == channels) ++wide;
  for (int j = 0; j < channels; j += kRowStep) {
    Sums sums{};
    for (size_t k = 0; k < wide; ++k) sums = add_bytes(sums, values[k] + j);
    store_sums(sum + j, sums);
  }
  for (size_t k = wide; k < tables.size(); ++k) {
    const uint8_t* from = values[k];
    int16_t *to = sum + tables[k].first, *end = to + tables[k].width;
    if (tables[k].named)
      for (; to < end; to += kRowStep, from += kRowStep / 2) store_sums(to, add_levels(load_sums(to), from));
    else
      for (; to < end; to += kRowStep, from += kRowStep) store_sums(to, add_bytes(load_sums(to), from));
  }
}

}  // namespace nzip::NZIP_ISA
