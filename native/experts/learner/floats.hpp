// Vectors of floats, as wide as the instruction set has them. Every element is calculated as IEEE 754 says, in the
// order written, nothing fused, and sums over elements are taken in one order, so all variants give the same bits.
#pragma once

#include <cfloat>
#include <cstdint>

namespace nzip::NZIP_ISA {

static_assert(FLT_EVAL_METHOD == 0, "floats must be rounded after every operation");

#if defined(NZIP_AVX512)
constexpr int kFloats = 16;  // elements of a vector
#elif defined(NZIP_AVX2)
constexpr int kFloats = 8;
#else
constexpr int kFloats = 4;
#endif
using Floats [[gnu::vector_size(4 * kFloats), gnu::may_alias]] = float;
using Integers [[gnu::vector_size(4 * kFloats), gnu::may_alias]] = int32_t;

[[gnu::always_inline]] inline Floats& at(float* p, int i) { return *reinterpret_cast<Floats*>(p + i); }
[[gnu::always_inline]] inline const Floats& at(const float* p, int i) {
  return *reinterpret_cast<const Floats*>(p + i);
}

// The sum of value(i)'s elements for i = 0, kFloats, .. below n, a multiple of 16: in 16 sums of every 16th element,
// which are then added half to half.
template <class Value>
[[gnu::always_inline]] inline float total(int n, Value value) {
  constexpr int kSums = 16, kParts = kSums / kFloats;
  alignas(64) float sums[kSums];
  Floats part[kParts] = {};
  for (int i = 0; i < n; i += kSums)
    for (int k = 0; k < kParts; ++k) part[k] += value(i + k * kFloats);
  for (int k = 0; k < kParts; ++k) at(sums, k * kFloats) = part[k];
  for (int half = kSums / 2; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) sums[i] += sums[i + half];
  return sums[0];
}

[[gnu::always_inline]] inline Floats bounded(const Floats& v, float bound) {
  const Floats most = Floats{} + bound, least = Floats{} - bound;
  const Floats low = v > most ? most : v;
  return low < least ? least : low;
}

// e^x for |x| <= 80: 2^n times a polynomial of what is left, in Horner's form.
[[gnu::always_inline]] inline Floats exponential(const Floats& x) {
  const Floats half = x < Floats{} ? Floats{} - 0.5f : Floats{} + 0.5f;
  const Integers n = __builtin_convertvector(x * 1.44269504f + half, Integers);  // rounded towards zero
  const Floats whole = __builtin_convertvector(n, Floats);
  const Floats r = (x - whole * 0.693359375f) + whole * 2.12194440e-4f;
  Floats y = r * (1.f / 720) + 1.f / 120;
  y = y * r + 1.f / 24;
  y = y * r + 1.f / 6;
  y = y * r + 0.5f;
  y = y * r + 1.f;
  y = y * r + 1.f;
  const Integers power = (n + 127) << 23;
  return y * reinterpret_cast<const Floats&>(power);
}

[[gnu::always_inline]] inline Floats sigmoid(const Floats& x) { return 1.f / (1.f + exponential(bounded(-x, 40.f))); }
[[gnu::always_inline]] inline Floats hyperbolic_tangent(const Floats& x) { return 2.f * sigmoid(2.f * x) - 1.f; }

}  // namespace nzip::NZIP_ISA
