// The loops over steps, in each of which all lanes' states are in vectors. Compiled once for each instruction set that
// can look up a vector of entries at a time; all give the same bytes.
#pragma once

#include <array>
#include <cstring>

#include "arrays/rans.hpp"
#include "arrays/rans_states.hpp"

#if defined(NZIP_AVX2)
#include <immintrin.h>
#endif

namespace nzip::arrays::NZIP_ISA {

#if defined(NZIP_AVX2)

// By mask: where each lane's word is among the words of those lanes that take one, and where in a row of 8 words, at
// whose end they stand, those come from that give one.
struct Places {
  alignas(32) std::array<std::array<uint32_t, 8>, 256> taken{}, given{};
  constexpr Places() {
    for (uint32_t mask = 0; mask < 256; ++mask) {
      uint32_t n = 0, lanes = 0;
      for (uint32_t i = 0; i < 8; ++i) lanes += mask >> i & 1;
      for (uint32_t i = 0; i < 8; ++i) {
        taken[mask][i] = n;
        if ((mask >> i & 1) != 0) given[mask][8 - lanes + n++] = i;
      }
    }
  }
};
inline constexpr Places kPlaces;

struct States {
  static constexpr size_t kWidth = 8;
  struct Mask {
    __m256i v;
    uint32_t bits() const { return uint32_t(_mm256_movemask_ps(_mm256_castsi256_ps(v))); }
  };
  __m256i v;

  static States load(const uint32_t* p) { return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))}; }
  static States of_bytes(const uint8_t* p) {
    return {_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)))};
  }
  static States all(uint32_t n) { return {_mm256_set1_epi32(int(n))}; }
  void store(uint32_t* p) const { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v); }
  void store_bytes(uint8_t* p) const {
    const __m256i low = _mm256_and_si256(v, _mm256_set1_epi32(255));
    const __m128i words = _mm_packus_epi32(_mm256_castsi256_si128(low), _mm256_extracti128_si256(low, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_packus_epi16(words, words));
  }
  States look_up(const uint32_t* table) const {
    return {_mm256_i32gather_epi32(reinterpret_cast<const int*>(table), v, 4)};
  }
  friend States operator+(States a, States b) { return {_mm256_add_epi32(a.v, b.v)}; }
  friend States operator-(States a, States b) { return {_mm256_sub_epi32(a.v, b.v)}; }
  friend States operator*(States a, States b) { return {_mm256_mullo_epi32(a.v, b.v)}; }
  friend States operator&(States a, States b) { return {_mm256_and_si256(a.v, b.v)}; }
  friend States operator|(States a, States b) { return {_mm256_or_si256(a.v, b.v)}; }
  States left(int n) const { return {_mm256_slli_epi32(v, n)}; }
  States right(int n) const { return {_mm256_srli_epi32(v, n)}; }
  States right(States n) const { return {_mm256_srlv_epi32(v, n.v)}; }
  friend States high_product(States a, States b) {
    const __m256i even = _mm256_srli_epi64(_mm256_mul_epu32(a.v, b.v), 32);
    const __m256i odd = _mm256_mul_epu32(_mm256_srli_epi64(a.v, 32), _mm256_srli_epi64(b.v, 32));
    return {_mm256_blend_epi32(even, odd, 0xAA)};
  }
  friend Mask operator<(States a, States b) {
    const __m256i top = _mm256_set1_epi32(INT32_MIN);
    return {_mm256_cmpgt_epi32(_mm256_xor_si256(b.v, top), _mm256_xor_si256(a.v, top))};
  }
  static size_t count(Mask m) { return size_t(__builtin_popcount(m.bits())); }
  States take_words(Mask m, const uint8_t* next) const {
    const __m256i words = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(next)));
    const __m256i places = _mm256_load_si256(reinterpret_cast<const __m256i*>(&kPlaces.taken[m.bits()]));
    const __m256i filled = _mm256_or_si256(_mm256_slli_epi32(v, 16), _mm256_permutevar8x32_epi32(words, places));
    return {_mm256_blendv_epi8(v, filled, m.v)};
  }
  States give_words(Mask m, uint8_t* begin) const {
    const __m256i places = _mm256_load_si256(reinterpret_cast<const __m256i*>(&kPlaces.given[m.bits()]));
    const __m256i low = _mm256_and_si256(_mm256_permutevar8x32_epi32(v, places), _mm256_set1_epi32(0xFFFF));
    const __m128i words = _mm_packus_epi32(_mm256_castsi256_si128(low), _mm256_extracti128_si256(low, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(begin + count(m) * kWord) - 1, words);  // those before are overwritten
    return {_mm256_blendv_epi8(v, _mm256_srli_epi32(v, 16), m.v)};
  }
};

#else

struct States {
  static constexpr size_t kWidth = 1;
  using Mask = bool;
  uint32_t v;

  static States load(const uint32_t* p) { return {*p}; }
  static States of_bytes(const uint8_t* p) { return {*p}; }
  static States all(uint32_t n) { return {n}; }
  void store(uint32_t* p) const { *p = v; }
  void store_bytes(uint8_t* p) const { *p = uint8_t(v); }
  States look_up(const uint32_t* table) const { return {table[v]}; }
  friend States operator+(States a, States b) { return {a.v + b.v}; }
  friend States operator-(States a, States b) { return {a.v - b.v}; }
  friend States operator*(States a, States b) { return {a.v * b.v}; }
  friend States operator&(States a, States b) { return {a.v & b.v}; }
  friend States operator|(States a, States b) { return {a.v | b.v}; }
  States left(int n) const { return {v << n}; }
  States right(int n) const { return {v >> n}; }
  States right(States n) const { return {v >> n.v}; }
  friend States high_product(States a, States b) { return {uint32_t(uint64_t(a.v) * b.v >> 32)}; }
  friend Mask operator<(States a, States b) { return a.v < b.v; }
  static size_t count(Mask m) { return m; }
  States take_words(Mask m, const uint8_t* next) const { return {m ? v << 16 | word_at(next) : v}; }
  States give_words(Mask m, uint8_t* begin) const {
    if (m) put_word(begin, v);
    return {m ? v >> 16 : v};
  }
};

#endif

inline uint8_t average(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
  return uint8_t((((a + b + 1) >> 1) + ((c + d + 1) >> 1) + 1) >> 1);
}

// The contexts of a step's bytes; the steps before it are at `bytes`.
inline void step_contexts(const uint8_t* bytes, const Contexts& contexts, size_t step, uint8_t* out) {
  if (contexts.source != Source::kOwn) {
    std::memcpy(out, contexts.beside + step * kLanes, kLanes);
    return;
  }
  static constexpr uint8_t kNothing[kLanes] = {};
  const auto before = [&](size_t times) {
    const size_t back = times * contexts.distance;
    return back <= step ? bytes + (step - back) * kLanes : kNothing;
  };
  const uint8_t *a = before(1), *b = before(2), *c = before(3), *d = before(4);
  for (size_t j = 0; j < kLanes; ++j) out[j] = average(a[j], b[j], c[j], d[j]);
}

// How many bounds are not greater than each of a step's contexts.
inline void count_bounds(const uint8_t* context, std::span<const uint8_t> bounds, uint8_t* out) {
#if defined(NZIP_AVX2)
  const __m256i c = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(context));
  __m256i sums = _mm256_setzero_si256();
  for (const uint8_t bound : bounds)
    sums = _mm256_sub_epi8(sums, _mm256_cmpeq_epi8(_mm256_max_epu8(c, _mm256_set1_epi8(char(bound))), c));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), sums);
#else
  uint8_t sums[kLanes] = {};
  for (const uint8_t bound : bounds)
    for (size_t j = 0; j < kLanes; ++j) sums[j] = uint8_t(sums[j] + (context[j] >= bound));
  std::memcpy(out, sums, kLanes);
#endif
}

inline void step_classes(const uint8_t* bytes, const Contexts& contexts, size_t step, uint8_t* out) {
  uint8_t context[kLanes];
  step_contexts(bytes, contexts, step, context);
  count_bounds(context, contexts.bounds, out);
}

void find_contexts(std::span<const uint8_t> bytes, const Contexts& contexts, size_t first, std::span<uint8_t> out) {
  for (size_t at = 0; at < out.size(); at += kLanes)
    step_contexts(bytes.data(), contexts, first + at / kLanes, out.data() + at);
}

void find_classes(std::span<const uint8_t> bytes, const Contexts& contexts, size_t first, std::span<uint8_t> out) {
  for (size_t at = 0; at < out.size(); at += kLanes)
    step_classes(bytes.data(), contexts, first + at / kLanes, out.data() + at);
}

void encode_steps(std::span<const uint8_t> bytes, const uint8_t* classes, const EncodeTables& tables, uint32_t* states,
                  uint8_t*& begin) {
  const States total = States::all(kScaleTotal), thirteen = States::all((1 << 13) - 1), one = States::all(1);
  for (size_t at = bytes.size(); at > 0;) {
    for (size_t j = kLanes; j > 0;) {
      j -= States::kWidth;
      at -= States::kWidth;
      const States symbol = States::of_bytes(classes + at).left(8) | States::of_bytes(bytes.data() + at);
      const States packed = symbol.look_up(tables.packed.data());
      const States frequency = packed & thirteen, start = packed.right(13) & thirteen, shift = packed.right(26);
      States x = States::load(states + j);
      const auto full = frequency < x.right(32 - kScaleLog2) + one;
      begin -= States::count(full) * kWord;
      x = x.give_words(full, begin);
      const States high = high_product(x, symbol.look_up(tables.reciprocals.data()));
      const States quotient = ((x - high).right(1) + high).right(shift);
      (x + start + quotient * (total - frequency)).store(states + j);
    }
  }
}

void decode_steps(std::span<uint8_t> bytes, const Contexts& contexts, const uint32_t* table, uint32_t* states,
                  const uint8_t*& next, const uint8_t* end) {
  const States low = States::all(kLow), twelve = States::all(kScaleTotal - 1), one = States::all(1);
  uint8_t classes[kLanes] = {};
  for (size_t step = 0; step < bytes.size() / kLanes; ++step) {
    if (next > end) throw Damaged("it ends early");
    if (contexts.source != Source::kNone) step_classes(bytes.data(), contexts, step, classes);
    for (size_t j = 0; j < kLanes; j += States::kWidth) {
      States x = States::load(states + j);
      const States entry = (States::of_bytes(classes + j).left(kScaleLog2) | (x & twelve)).look_up(table);
      entry.store_bytes(bytes.data() + step * kLanes + j);
      x = (entry.right(20) + one) * x.right(kScaleLog2) + (entry.right(8) & twelve);
      const auto is_low = x < low;
      x.take_words(is_low, next).store(states + j);
      next += States::count(is_low) * kWord;
    }
  }
}

}  // namespace nzip::arrays::NZIP_ISA
