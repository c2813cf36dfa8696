// The vector operations of the network, beside those of the mixer, in the variant of the translation unit that includes
// this file. All are exact integer operations on 32-bit elements; the bounds are in docs/model.md.
#pragma once

#include "base/simd.hpp"

namespace nzip::NZIP_ISA {

#if defined(NZIP_AVX512)

inline Vector load_bytes(const int8_t* p) {
  return _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
}
inline void store_bytes(int8_t* p, Vector v) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(v));
}
inline Vector subtract(Vector a, Vector b) { return _mm512_sub_epi32(a, b); }
inline Vector smaller(Vector a, Vector b) { return _mm512_min_epi32(a, b); }
inline Vector larger(Vector a, Vector b) { return _mm512_max_epi32(a, b); }
inline Vector both(Vector a, Vector b) { return _mm512_and_si512(a, b); }
inline Vector differing(Vector a, Vector b) { return _mm512_xor_si512(a, b); }
inline Vector magnitude(Vector v) { return _mm512_abs_epi32(v); }
inline Vector shift_by(Vector v, int count) { return _mm512_sra_epi32(v, _mm_cvtsi32_si128(count)); }
inline Vector shift_each(Vector v, Vector count) { return _mm512_srlv_epi32(v, count); }
inline int32_t sum_of(Vector v) { return _mm512_reduce_add_epi32(v); }
inline int32_t largest_of(Vector v) { return _mm512_reduce_max_epi32(v); }

class SumOfSquares {
 public:
  void add(Vector v) {
    const Vector odd = _mm512_srli_epi64(v, 32);
    even_ = _mm512_add_epi64(even_, _mm512_mul_epi32(v, v));
    odd_ = _mm512_add_epi64(odd_, _mm512_mul_epi32(odd, odd));
  }
  uint64_t total() const { return uint64_t(_mm512_reduce_add_epi64(_mm512_add_epi64(even_, odd_))); }

 private:
  Vector even_ = zero(), odd_ = zero();
};

#elif defined(NZIP_AVX2)

inline Vector load_bytes(const int8_t* p) {
  return _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
}
inline void store_bytes(int8_t* p, Vector v) {
  const __m256i low = _mm256_shuffle_epi8(v, _mm256_set1_epi32(0x0c080400));  // each half's bytes in its first element
  const __m256i together = _mm256_permutevar8x32_epi32(low, _mm256_setr_epi32(0, 4, 0, 0, 0, 0, 0, 0));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm256_castsi256_si128(together));
}
inline Vector subtract(Vector a, Vector b) { return _mm256_sub_epi32(a, b); }
inline Vector smaller(Vector a, Vector b) { return _mm256_min_epi32(a, b); }
inline Vector larger(Vector a, Vector b) { return _mm256_max_epi32(a, b); }
inline Vector both(Vector a, Vector b) { return _mm256_and_si256(a, b); }
inline Vector differing(Vector a, Vector b) { return _mm256_xor_si256(a, b); }
inline Vector magnitude(Vector v) { return _mm256_abs_epi32(v); }
inline Vector shift_by(Vector v, int count) { return _mm256_sra_epi32(v, _mm_cvtsi32_si128(count)); }
inline Vector shift_each(Vector v, Vector count) { return _mm256_srlv_epi32(v, count); }
inline int32_t sum_of(Vector v) {
  __m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
  return _mm_cvtsi128_si32(_mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1)));
}
inline int32_t largest_of(Vector v) {
  __m128i s = _mm_max_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  s = _mm_max_epi32(s, _mm_shuffle_epi32(s, 0x4e));
  return _mm_cvtsi128_si32(_mm_max_epi32(s, _mm_shuffle_epi32(s, 0xb1)));
}

class SumOfSquares {
 public:
  void add(Vector v) {
    const Vector odd = _mm256_srli_epi64(v, 32);
    even_ = _mm256_add_epi64(even_, _mm256_mul_epi32(v, v));
    odd_ = _mm256_add_epi64(odd_, _mm256_mul_epi32(odd, odd));
  }
  uint64_t total() const {
    alignas(32) uint64_t part[4];
    _mm256_store_si256(reinterpret_cast<__m256i*>(part), _mm256_add_epi64(even_, odd_));
    return part[0] + part[1] + part[2] + part[3];
  }

 private:
  Vector even_ = zero(), odd_ = zero();
};

#elif defined(NZIP_NEON)

inline Vector load_bytes(const int8_t* p) {
  int32_t four;
  std::memcpy(&four, p, 4);
  return vmovl_s16(vget_low_s16(vmovl_s8(vreinterpret_s8_s32(vdup_n_s32(four)))));
}
inline void store_bytes(int8_t* p, Vector v) {
  const int16x4_t narrow = vmovn_s32(v);
  const int32_t four = vget_lane_s32(vreinterpret_s32_s8(vmovn_s16(vcombine_s16(narrow, narrow))), 0);
  std::memcpy(p, &four, 4);
}
inline Vector subtract(Vector a, Vector b) { return vsubq_s32(a, b); }
inline Vector smaller(Vector a, Vector b) { return vminq_s32(a, b); }
inline Vector larger(Vector a, Vector b) { return vmaxq_s32(a, b); }
inline Vector both(Vector a, Vector b) { return vandq_s32(a, b); }
inline Vector differing(Vector a, Vector b) { return veorq_s32(a, b); }
inline Vector magnitude(Vector v) { return vabsq_s32(v); }
inline Vector shift_by(Vector v, int count) { return vshlq_s32(v, vdupq_n_s32(-count)); }
inline Vector shift_each(Vector v, Vector count) { return vshlq_s32(v, vnegq_s32(count)); }
inline int32_t sum_of(Vector v) { return vaddvq_s32(v); }
inline int32_t largest_of(Vector v) { return vmaxvq_s32(v); }

class SumOfSquares {
 public:
  void add(Vector v) {
    sum_ = vmlal_s32(sum_, vget_low_s32(v), vget_low_s32(v));
    sum_ = vmlal_s32(sum_, vget_high_s32(v), vget_high_s32(v));
  }
  uint64_t total() const { return uint64_t(vaddvq_s64(sum_)); }

 private:
  int64x2_t sum_ = vdupq_n_s64(0);
};

#else

inline Vector load_bytes(const int8_t* p) { return *p; }
inline void store_bytes(int8_t* p, Vector v) { *p = int8_t(v); }
inline Vector subtract(Vector a, Vector b) { return a - b; }
inline Vector smaller(Vector a, Vector b) { return a < b ? a : b; }
inline Vector larger(Vector a, Vector b) { return a > b ? a : b; }
inline Vector both(Vector a, Vector b) { return a & b; }
inline Vector differing(Vector a, Vector b) { return a ^ b; }
inline Vector magnitude(Vector v) { return v < 0 ? -v : v; }
inline Vector shift_by(Vector v, int count) { return v >> count; }
inline Vector shift_each(Vector v, Vector count) { return v >> count; }
inline int32_t sum_of(Vector v) { return v; }
inline int32_t largest_of(Vector v) { return v; }

class SumOfSquares {
 public:
  void add(Vector v) { sum_ += uint64_t(int64_t(v) * v); }
  uint64_t total() const { return sum_; }

 private:
  uint64_t sum_ = 0;
};

#endif

// v where the elements of sign are positive or 0, -v where they are negative.
inline Vector signed_as(Vector v, Vector sign) {
  const Vector negative = shift<31>(sign);
  return subtract(differing(v, negative), negative);
}

}  // namespace nzip::NZIP_ISA
