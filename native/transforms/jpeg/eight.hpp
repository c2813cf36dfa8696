// Products of 8 by 8 numbers of 16 bits. What SIMD code makes is what the scalar code makes.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace nzip::jpeg {

constexpr size_t kSide = 8;
struct alignas(16) Line : std::array<int16_t, kSide> {};
struct Square : std::array<Line, kSide> {};  // lines are rows

inline int16_t held(int32_t sum, int shift) { return int16_t(std::clamp(sum >> shift, -32768, 32767)); }

// Sums of products, which must fit 32 bits, without their low bits, held to 16 bits.
inline Line scalar_product(const Line& line, const Square& square, int shift) {
  Line product;
  for (size_t x = 0; x < kSide; ++x) {
    int32_t sum = 0;
    for (size_t i = 0; i < kSide; ++i) sum += int32_t(line[i]) * square[i][x];
    product[x] = held(sum, shift);
  }
  return product;
}
inline Square scalar_product(const Square& a, const Square& b, int shift) {
  Square product;
  for (size_t y = 0; y < kSide; ++y) product[y] = scalar_product(a[y], b, shift);
  return product;
}
// a times b less c, in 16 bits.
inline Line scalar_difference(const Line& a, const Line& b, const Line& c) {
  Line difference;
  for (size_t i = 0; i < kSide; ++i) difference[i] = int16_t(a[i] * b[i] - c[i]);
  return difference;
}

// Rows as columns.
inline Square scalar_turned(const Square& square) {
  Square turned;
  for (size_t y = 0; y < kSide; ++y)
    for (size_t x = 0; x < kSide; ++x) turned[x][y] = square[y][x];
  return turned;
}

#ifdef __SSE2__

inline __m128i load(const Line& line) { return _mm_load_si128(reinterpret_cast<const __m128i*>(line.data())); }
inline void store(Line& line, __m128i of) { _mm_store_si128(reinterpret_cast<__m128i*>(line.data()), of); }

inline Line difference(const Line& a, const Line& b, const Line& c) {
  Line difference;
  store(difference, _mm_sub_epi16(_mm_mullo_epi16(load(a), load(b)), load(c)));
  return difference;
}

class Pairs {
 public:
  explicit Pairs(const Square& square) {
    for (size_t i = 0; i < pairs_.size(); ++i) {
      const __m128i even = load(square[2 * i]), odd = load(square[2 * i + 1]);
      pairs_[i] = {_mm_unpacklo_epi16(even, odd), _mm_unpackhi_epi16(even, odd)};
    }
  }
  Line product(const Line& line, int shift) const {
    const __m128i four = load(line);
    __m128i low = _mm_setzero_si128(), high = low;
    const auto add = [&](__m128i pair, size_t i) {
      low = _mm_add_epi32(low, _mm_madd_epi16(pair, pairs_[i].low));
      high = _mm_add_epi32(high, _mm_madd_epi16(pair, pairs_[i].high));
    };
    add(_mm_shuffle_epi32(four, 0x00), 0);
    add(_mm_shuffle_epi32(four, 0x55), 1);
    add(_mm_shuffle_epi32(four, 0xAA), 2);
    add(_mm_shuffle_epi32(four, 0xFF), 3);
    Line product;
    store(product, _mm_packs_epi32(_mm_srai_epi32(low, shift), _mm_srai_epi32(high, shift)));
    return product;
  }

 private:
  struct Pair {
    __m128i low, high;
  };
  std::array<Pair, kSide / 2> pairs_;  // of rows: their numbers in turn
};

inline Line product(const Line& line, const Square& square, int shift) { return Pairs(square).product(line, shift); }
inline Square product(const Square& a, const Square& b, int shift) {
  const Pairs pairs(b);
  Square product;
  for (size_t y = 0; y < kSide; ++y) product[y] = pairs.product(a[y], shift);
  return product;
}
// Rows, the first four of them put between the last four, number by number.
inline Square shuffled(const Square& square) {
  Square result;
  for (size_t i = 0; i < kSide / 2; ++i) {
    const __m128i first = load(square[i]), last = load(square[i + 4]);
    store(result[2 * i], _mm_unpacklo_epi16(first, last));
    store(result[2 * i + 1], _mm_unpackhi_epi16(first, last));
  }
  return result;
}
inline Square turned(const Square& square) { return shuffled(shuffled(shuffled(square))); }

#else

inline Line difference(const Line& a, const Line& b, const Line& c) { return scalar_difference(a, b, c); }
inline Square turned(const Square& square) { return scalar_turned(square); }
inline Line product(const Line& line, const Square& square, int shift) { return scalar_product(line, square, shift); }
inline Square product(const Square& a, const Square& b, int shift) { return scalar_product(a, b, shift); }

#endif

}  // namespace nzip::jpeg
