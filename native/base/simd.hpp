// Vectors of 32-bit integers, in the variant of the translation unit that includes this file: a part that is faster
// with them is compiled once for each instruction set, in the namespace NZIP_ISA. All arithmetic is exact integer
// arithmetic, so every variant gives the same bits as the scalar one.
#pragma once

#include <cstdint>

#if defined(NZIP_AVX512) || defined(NZIP_AVX2)
#include <immintrin.h>
#elif defined(NZIP_NEON)
#include <arm_neon.h>
#endif

namespace nzip::NZIP_ISA {

#if defined(NZIP_AVX512)

using Vector = __m512i;
constexpr int kElements = 16;
inline Vector zero() { return _mm512_setzero_si512(); }
inline Vector all(int32_t v) { return _mm512_set1_epi32(v); }
inline Vector load_inputs(const int16_t* p) {
  return _mm512_cvtepi16_epi32(_mm256_load_si256(reinterpret_cast<const __m256i*>(p)));
}
inline Vector load(const int32_t* p) { return _mm512_load_si512(p); }
inline void store(int32_t* p, Vector v) { _mm512_store_si512(p, v); }
inline Vector multiply(Vector a, Vector b) { return _mm512_mullo_epi32(a, b); }
inline Vector add(Vector a, Vector b) { return _mm512_add_epi32(a, b); }
template <int kShift>
inline Vector shift(Vector v) {
  return _mm512_srai_epi32(v, kShift);
}
inline Vector bounded(Vector v, Vector bound) {
  return _mm512_max_epi32(_mm512_sub_epi32(zero(), bound), _mm512_min_epi32(bound, v));
}
inline __m256i folded(Vector v) { return _mm256_add_epi32(_mm512_castsi512_si256(v), _mm512_extracti64x4_epi64(v, 1)); }

#elif defined(NZIP_AVX2)

using Vector = __m256i;
constexpr int kElements = 8;
inline Vector zero() { return _mm256_setzero_si256(); }
inline Vector all(int32_t v) { return _mm256_set1_epi32(v); }
inline Vector load_inputs(const int16_t* p) {
  return _mm256_cvtepi16_epi32(_mm_load_si128(reinterpret_cast<const __m128i*>(p)));
}
inline Vector load(const int32_t* p) { return _mm256_load_si256(reinterpret_cast<const __m256i*>(p)); }
inline void store(int32_t* p, Vector v) { _mm256_store_si256(reinterpret_cast<__m256i*>(p), v); }
inline Vector multiply(Vector a, Vector b) { return _mm256_mullo_epi32(a, b); }
inline Vector add(Vector a, Vector b) { return _mm256_add_epi32(a, b); }
template <int kShift>
inline Vector shift(Vector v) {
  return _mm256_srai_epi32(v, kShift);
}
inline Vector bounded(Vector v, Vector bound) {
  return _mm256_max_epi32(_mm256_sub_epi32(zero(), bound), _mm256_min_epi32(bound, v));
}
inline __m256i folded(Vector v) { return v; }

#elif defined(NZIP_NEON)

using Vector = int32x4_t;
constexpr int kElements = 4;
inline Vector zero() { return vdupq_n_s32(0); }
inline Vector all(int32_t v) { return vdupq_n_s32(v); }
inline Vector load_inputs(const int16_t* p) { return vmovl_s16(vld1_s16(p)); }
inline Vector load(const int32_t* p) { return vld1q_s32(p); }
inline void store(int32_t* p, Vector v) { vst1q_s32(p, v); }
inline Vector multiply(Vector a, Vector b) { return vmulq_s32(a, b); }
inline Vector add(Vector a, Vector b) { return vaddq_s32(a, b); }
template <int kShift>
inline Vector shift(Vector v) {
  return vshrq_n_s32(v, kShift);
}
inline Vector bounded(Vector v, Vector bound) { return vmaxq_s32(vnegq_s32(bound), vminq_s32(bound, v)); }

#else

using Vector = int32_t;
constexpr int kElements = 1;
inline Vector zero() { return 0; }
inline Vector all(int32_t v) { return v; }
inline Vector load_inputs(const int16_t* p) { return *p; }
inline Vector load(const int32_t* p) { return *p; }
inline void store(int32_t* p, Vector v) { *p = v; }
inline Vector multiply(Vector a, Vector b) { return a * b; }
inline Vector add(Vector a, Vector b) { return Vector(uint32_t(a) + uint32_t(b)); }
template <int kShift>
inline Vector shift(Vector v) {
  return v >> kShift;
}
inline Vector bounded(Vector v, Vector bound) { return v > bound ? bound : v < -bound ? -bound : v; }

#endif

}  // namespace nzip::NZIP_ISA
