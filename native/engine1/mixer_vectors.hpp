// The vector operations of the mixer.
//
// Bounds: |input| <= 2047 < 2^11; |weight| < 2^29, so |weight >> 15| <= 2^14 and a product is at most 2^25. Sums are
// taken modulo 2^32, so that their order is free however many inputs there are; up to 63 of them cannot leave 31 bits,
// and more do so only where weights and inputs are extreme, with the same (poor) opinion in every variant. Training:
// |error| < 2^19, |input * error| < 2^30, a step is below 2^26 and weight + step below 2^30 before it is clamped.
#pragma once

#include <cstdint>

#include "base/simd.hpp"

namespace nzip::engine1::NZIP_ISA {

using namespace nzip::NZIP_ISA;  // its vectors

constexpr int kVector = 16;       // input arrays are padded with zeros to a multiple of this many elements
constexpr int kWeightShift = 15;  // weight bits below what a dot product sees
constexpr int kWeightMax = (1 << 29) - 1;
constexpr int kStepShift = 4;
constexpr int kMaxSets = 20;
constexpr int kMaxFinals = 4;
constexpr int kDotShift = 12;
constexpr int kOpinionMax = 3071;         // of a set's opinion: 12.0
constexpr int kFinalMax = (1 << 28) - 1;  // of a final weight, so that the sum of four stays below 2^30
constexpr int kFinalStepShift = 8;

// The sum of each vector's elements.
template <int K>
inline void sums(const Vector* v, int32_t* out) {
#if defined(NZIP_AVX512) || defined(NZIP_AVX2)
  for (int k = 0; k < K; k += 4) {
    const __m256i none = _mm256_setzero_si256();
    const __m256i a = folded(v[k]), b = k + 1 < K ? folded(v[k + 1]) : none;
    const __m256i c = k + 2 < K ? folded(v[k + 2]) : none, d = k + 3 < K ? folded(v[k + 3]) : none;
    const __m256i quads = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
    const __m128i four = _mm_add_epi32(_mm256_castsi256_si128(quads), _mm256_extracti128_si256(quads, 1));
    _mm_store_si128(reinterpret_cast<__m128i*>(out + k), four);
  }
#elif defined(NZIP_NEON)
  for (int k = 0; k < K; ++k) out[k] = vaddvq_s32(v[k]);
#else
  for (int k = 0; k < K; ++k) out[k] = v[k];
#endif
}

// out[k] = sum of input[i] * (weight[k][i] >> 15); n is a multiple of kVector, out has kMaxSets elements.
template <int K>
inline void dot_products(const int16_t* input, int32_t* const* weight, int n, int32_t* out) {
  Vector sum[K];
  for (int k = 0; k < K; ++k) sum[k] = zero();
  for (int i = 0; i < n; i += kElements) {
    const Vector x = load_inputs(input + i);
    for (int k = 0; k < K; ++k) sum[k] = add(sum[k], multiply(x, shift<kWeightShift>(load(weight[k] + i))));
  }
  sums<K>(sum, out);
}

// weight[k][i] += input[i] * error[k] / 16, rounded, within the weights' bound.
template <int K>
inline void train(const int16_t* input, int32_t* const* weight, int n, const int32_t* error) {
  const Vector half = all(1 << (kStepShift - 1)), bound = all(kWeightMax);
  Vector e[K];
  for (int k = 0; k < K; ++k) e[k] = all(error[k]);
  for (int i = 0; i < n; i += kElements) {
    const Vector x = load_inputs(input + i);
    for (int k = 0; k < K; ++k) {
      const Vector step = shift<kStepShift>(add(multiply(x, e[k]), half));
      store(weight[k] + i, bounded(add(load(weight[k] + i), step), bound));
    }
  }
}

// The final sets have few elements, which were just stored as four and four: whole vectors would wait for them.
using Quad [[gnu::vector_size(16), gnu::may_alias]] = int32_t;
inline Quad bounded(Quad v, int32_t bound) { return v > bound ? Quad{} + bound : v < -bound ? Quad{} - bound : v; }

// Makes opinions of the sums of K sets, and returns those weighted by the J final sets together, before kDotShift.
// |opinion| < 2^12 and |a sum of weights >> 15| <= 2^15: at most 20 * 3071 * 2^15 < 2^31. Arrays are padded with zeros.
template <int K, int J>
inline int32_t final_product(int32_t* layer, int32_t* const* set) {
  Quad sum = {};
  for (int k = 0; k < K; k += 4) {
    Quad& opinion = *reinterpret_cast<Quad*>(layer + k);
    opinion = bounded(opinion >> kDotShift, kOpinionMax);
    Quad weight = {};
    for (int j = 0; j < J; ++j) weight += *reinterpret_cast<const Quad*>(set[j] + k);
    sum += opinion * (weight >> kWeightShift);
  }
  return sum[0] + sum[1] + sum[2] + sum[3];
}

// set[j][k] += layer[k] * error / 256, rounded, within the final weights' bound.
template <int K, int J>
inline void train_finals(const int32_t* layer, int32_t* const* set, int32_t error) {
  for (int k = 0; k < K; k += 4) {
    const Quad opinion = *reinterpret_cast<const Quad*>(layer + k);
    const Quad step = (opinion * error + (1 << (kFinalStepShift - 1))) >> kFinalStepShift;
    for (int j = 0; j < J; ++j) {
      Quad& weight = *reinterpret_cast<Quad*>(set[j] + k);
      weight = bounded(weight + step, kFinalMax);
    }
  }
}

}  // namespace nzip::engine1::NZIP_ISA
