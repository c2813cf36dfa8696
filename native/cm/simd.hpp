// The two vector operations of a mixer, in the variant of the translation unit that includes this file.
// All arithmetic is exact integer arithmetic, so every variant gives the same bits as the scalar one.
//
// Bounds: |input| <= 2047 < 2^11; |weight| < 2^30, |weight >> 15| <= 2^15; a product is below 2^26.
// dot: a 32-bit vector element adds at most 16 products (n <= 64 at 4 elements): below 2^30 + the sum is taken in 64 bits.
// train: |error| < 2^19, input * error < 2^30; weight + step < 2^30 + 2^26 fits before it is clamped.
#pragma once

#include <cstdint>

#if defined(NZIP_AVX512) || defined(NZIP_AVX2)
#include <immintrin.h>
#elif defined(NZIP_NEON)
#include <arm_neon.h>
#endif

namespace nzip::NZIP_ISA {

constexpr int kVector = 16;            // arrays are padded to this many int32 elements
constexpr int kMaxInputs = 128;        // keeps dot's bound: 128 / 4 elements = 32 products of 2^26 = 2^31 - see below
constexpr int kWeightShift = 15;       // weight bits below what dot sees
constexpr int kWeightMax = (1 << 30) - 1;
constexpr int kStepShift = 4;

#if defined(NZIP_AVX512)

inline int64_t dot(const int32_t* x, const int32_t* w, int n) {
  __m512i sum = _mm512_setzero_si512();
  for (int i = 0; i < n; i += 16) {
    const __m512i high = _mm512_srai_epi32(_mm512_load_si512(w + i), kWeightShift);
    sum = _mm512_add_epi32(sum, _mm512_mullo_epi32(_mm512_load_si512(x + i), high));
  }
  const __m512i wide = _mm512_add_epi64(_mm512_cvtepi32_epi64(_mm512_castsi512_si256(sum)),
                                        _mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64(sum, 1)));
  return _mm512_reduce_add_epi64(wide);
}

inline void train(int32_t* w, const int32_t* x, int n, int error) {
  const __m512i e = _mm512_set1_epi32(error), half = _mm512_set1_epi32(1 << (kStepShift - 1));
  const __m512i top = _mm512_set1_epi32(kWeightMax), bottom = _mm512_set1_epi32(-kWeightMax);
  for (int i = 0; i < n; i += 16) {
    const __m512i product = _mm512_add_epi32(_mm512_mullo_epi32(_mm512_load_si512(x + i), e), half);
    const __m512i next = _mm512_add_epi32(_mm512_load_si512(w + i), _mm512_srai_epi32(product, kStepShift));
    _mm512_store_si512(w + i, _mm512_max_epi32(bottom, _mm512_min_epi32(top, next)));
  }
}

#elif defined(NZIP_AVX2)

inline __m256i load8(const int32_t* p) { return _mm256_load_si256(reinterpret_cast<const __m256i*>(p)); }

inline int64_t dot(const int32_t* x, const int32_t* w, int n) {
  __m256i sum = _mm256_setzero_si256();
  for (int i = 0; i < n; i += 8)
    sum = _mm256_add_epi32(sum, _mm256_mullo_epi32(load8(x + i), _mm256_srai_epi32(load8(w + i), kWeightShift)));
  const __m256i wide = _mm256_add_epi64(_mm256_cvtepi32_epi64(_mm256_castsi256_si128(sum)),
                                        _mm256_cvtepi32_epi64(_mm256_extracti128_si256(sum, 1)));
  const __m128i two = _mm_add_epi64(_mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1));
  return _mm_cvtsi128_si64(_mm_add_epi64(two, _mm_unpackhi_epi64(two, two)));
}

inline void train(int32_t* w, const int32_t* x, int n, int error) {
  const __m256i e = _mm256_set1_epi32(error), half = _mm256_set1_epi32(1 << (kStepShift - 1));
  const __m256i top = _mm256_set1_epi32(kWeightMax), bottom = _mm256_set1_epi32(-kWeightMax);
  for (int i = 0; i < n; i += 8) {
    const __m256i product = _mm256_add_epi32(_mm256_mullo_epi32(load8(x + i), e), half);
    const __m256i next = _mm256_add_epi32(load8(w + i), _mm256_srai_epi32(product, kStepShift));
    _mm256_store_si256(reinterpret_cast<__m256i*>(w + i), _mm256_max_epi32(bottom, _mm256_min_epi32(top, next)));
  }
}

#elif defined(NZIP_NEON)

inline int64_t dot(const int32_t* x, const int32_t* w, int n) {
  int64x2_t sum = vdupq_n_s64(0);
  for (int i = 0; i < n; i += 4)
    sum = vpadalq_s32(sum, vmulq_s32(vld1q_s32(x + i), vshrq_n_s32(vld1q_s32(w + i), kWeightShift)));
  return vgetq_lane_s64(sum, 0) + vgetq_lane_s64(sum, 1);
}

inline void train(int32_t* w, const int32_t* x, int n, int error) {
  const int32x4_t top = vdupq_n_s32(kWeightMax), bottom = vdupq_n_s32(-kWeightMax);
  for (int i = 0; i < n; i += 4) {
    const int32x4_t step = vrshrq_n_s32(vmulq_n_s32(vld1q_s32(x + i), error), kStepShift);
    vst1q_s32(w + i, vmaxq_s32(bottom, vminq_s32(top, vaddq_s32(vld1q_s32(w + i), step))));
  }
}

#else

inline int64_t dot(const int32_t* x, const int32_t* w, int n) {
  int64_t sum = 0;
  for (int i = 0; i < n; ++i) sum += x[i] * (w[i] >> kWeightShift);
  return sum;
}

inline void train(int32_t* w, const int32_t* x, int n, int error) {
  for (int i = 0; i < n; ++i) {
    const int next = w[i] + ((x[i] * error + (1 << (kStepShift - 1))) >> kStepShift);
    w[i] = next > kWeightMax ? kWeightMax : next < -kWeightMax ? -kWeightMax : next;
  }
}

#endif

}  // namespace nzip::NZIP_ISA
