// Which coefficients of a block are not 0, as the bits of a number.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "transforms/jpeg/structure.hpp"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace nzip::jpeg {

inline uint64_t scalar_marks(const int16_t* block) {
  uint64_t marks = 0;
  for (size_t at = 0; at < kBlock; ++at) marks |= uint64_t(block[at] != 0) << at;
  return marks;
}

#ifdef __SSE2__

inline uint64_t marks_of(const int16_t* block) {
  const auto load = [&](size_t row) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 8 * row)); };
  uint64_t zeros = 0;
  for (size_t row = 0; row < 8; row += 2) {
    const __m128i both = _mm_packs_epi16(load(row), load(row + 1));
    zeros |= uint64_t(_mm_movemask_epi8(_mm_cmpeq_epi8(both, _mm_setzero_si128()))) << 8 * row;
  }
  return ~zeros;
}

#else

inline uint64_t marks_of(const int16_t* block) { return scalar_marks(block); }

#endif

// Marks of each value of each row, in the order of scans.
inline constexpr auto kMarksInOrder = [] {
  std::array<std::array<uint64_t, 256>, 8> marks{};
  for (size_t k = 0; k < kBlock; ++k)
    for (size_t row = kZigzag[k] / 8, values = 0; values < 256; ++values)
      marks[row][values] |= uint64_t(values >> kZigzag[k] % 8 & 1) << k;
  return marks;
}();
inline uint64_t marks_in_order(const int16_t* block) {
  const uint64_t marks = marks_of(block);
  uint64_t in_order = 0;
  for (size_t row = 0; row < 8; ++row) in_order |= kMarksInOrder[row][marks >> 8 * row & 255];
  return in_order;
}

}  // namespace nzip::jpeg
