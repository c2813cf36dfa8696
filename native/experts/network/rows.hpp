// Sums of rows of the input tables, in 16 bits: of 43 values of -128 to 127 at most. docs/model.md has the bounds.
#pragma once

#include <cstdint>

#include "experts/network/layout.hpp"
#include "experts/network/vector.hpp"

namespace nzip::NZIP_ISA {

constexpr int kRowStep = 16;  // values that are added together; every width is a multiple of it

#if defined(NZIP_AVX512) || defined(NZIP_AVX2)

inline void add_values(int16_t* sum, __m128i values) {
  auto* at = reinterpret_cast<__m256i*>(sum);
  _mm256_store_si256(at, _mm256_add_epi16(_mm256_load_si256(at), _mm256_cvtepi8_epi16(values)));
}
inline void add_bytes(int16_t* sum, const uint8_t* row) {
  add_values(sum, _mm_loadu_si128(reinterpret_cast<const __m128i*>(row)));
}
inline void add_levels(int16_t* sum, const uint8_t* row) {
  const __m128i levels = _mm_setr_epi8(0, 2, 5, 9, 14, 20, 28, 40, 0, -2, -5, -9, -14, -20, -28, -40);
  const __m128i low = _mm_set1_epi8(15), pairs = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(row));
  const __m128i names = _mm_unpacklo_epi8(_mm_and_si128(pairs, low), _mm_and_si128(_mm_srli_epi16(pairs, 4), low));
  add_values(sum, _mm_shuffle_epi8(levels, names));
}

#elif defined(NZIP_NEON)

inline void add_values(int16_t* sum, int8x16_t values) {
  vst1q_s16(sum, vaddw_s8(vld1q_s16(sum), vget_low_s8(values)));
  vst1q_s16(sum + 8, vaddw_s8(vld1q_s16(sum + 8), vget_high_s8(values)));
}
inline void add_bytes(int16_t* sum, const uint8_t* row) { add_values(sum, vreinterpretq_s8_u8(vld1q_u8(row))); }
inline void add_levels(int16_t* sum, const uint8_t* row) {
  constexpr int8_t kNamed[16] = {0, 2, 5, 9, 14, 20, 28, 40, 0, -2, -5, -9, -14, -20, -28, -40};
  const uint8x8_t pairs = vld1_u8(row);
  const uint8x8x2_t names = vzip_u8(vand_u8(pairs, vdup_n_u8(15)), vshr_n_u8(pairs, 4));
  add_values(sum, vqtbl1q_s8(vld1q_s8(kNamed), vcombine_u8(names.val[0], names.val[1])));
}

#else

inline void add_bytes(int16_t* sum, const uint8_t* row) {
  for (int j = 0; j < kRowStep; ++j) sum[j] = int16_t(sum[j] + int8_t(row[j]));
}
inline void add_levels(int16_t* sum, const uint8_t* row) {
  for (int j = 0; j < kRowStep; ++j) {
    const int name = row[j / 2] >> 4 * (j & 1) & 15, level = kLevels[name & 7];
    sum[j] = int16_t(sum[j] + (name < 8 ? level : -level));
  }
}

#endif

// Adds a row of each table to the channels that it is for.
inline void add_rows(std::span<const InputTable> tables, const int32_t* row, int16_t* sum) {
  for (const InputTable& table : tables) {
    const uint8_t* from = table.values + uint64_t(*row++) * table.row_bytes;
    int16_t *to = sum + table.first, *end = to + table.width;
    if (table.named)
      for (; to < end; to += kRowStep, from += kRowStep / 2) add_levels(to, from);
    else
      for (; to < end; to += kRowStep, from += kRowStep) add_bytes(to, from);
  }
}

}  // namespace nzip::NZIP_ISA
