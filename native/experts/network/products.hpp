// Products of a packed matrix with the inputs of several columns. Every variant computes sum of n * x with n in 0..15
// and starts at -8 * (sum of x), which makes it the sum of (n - 8) * x.
//
// Bounds: a product is at most 15 * 127 = 1905; the 16 that meet in a 16-bit element make 30480. Sums with a factor of
// 16 (AVX-512) stay below 2^23.
#pragma once

#include <cstring>
#include <type_traits>
#include <utility>

#include "experts/network/network.hpp"
#include "experts/network/vector.hpp"

#define NZIP_INLINE __attribute__((always_inline))

namespace nzip::NZIP_ISA {

// A column's inputs to a product.
struct alignas(64) Activations {
  int8_t value[kMaxChannels];
  int32_t start;  // -8 times their sum
};

constexpr int kBlockVectors = kRowBlock / kElements;

// call(0), call(1), ... with constants, so that arrays indexed by them live in registers.
template <int K, class Call>
NZIP_INLINE inline void each(Call call) {
  [&]<int... i>(std::integer_sequence<int, i...>)
      NZIP_INLINE { (call(std::integral_constant<int, i>{}), ...); }(std::make_integer_sequence<int, K>{});
}

inline int32_t four_inputs(const int8_t* p) {
  int32_t four;
  std::memcpy(&four, p, 4);
  return four;
}

// sum[n][i]: elements i * kElements and following of the R row blocks that begin at w, for column n.
#if defined(NZIP_AVX512)

constexpr int blocks_at_once(int columns) { return columns == 1 ? 4 : 2; }

template <int N, int R>
inline void sum_blocks(const uint8_t* w, int d, const Activations* x, Vector (&sum)[N][2 * R]) {
  const Vector low = _mm512_set1_epi8(15);
  const ptrdiff_t block = ptrdiff_t(kRowBlock) * d / 2;
  each<N>([&](auto n) NZIP_INLINE { each<2 * R>([&](auto i) NZIP_INLINE { sum[n][i] = all(x[n].start); }); });
  if constexpr (N == 1) {
    // The high halves are left where they are and summed apart, as 16 times their value.
    Vector high[2 * R];
    each<2 * R>([&](auto i) NZIP_INLINE { high[i] = zero(); });
    for (int k = 0; k < d; k += kInputGroup, w += kGroupBytes) {
      const Vector a = all(four_inputs(x->value + k)), b = all(four_inputs(x->value + k + 4));
      each<2 * R>([&](auto i) NZIP_INLINE {
        const Vector v = _mm512_load_si512(w + i / 2 * block + i % 2 * 64);
        sum[0][i] = _mm512_dpbusd_epi32(sum[0][i], _mm512_and_si512(v, low), a);
        high[i] = _mm512_dpbusd_epi32(high[i], _mm512_andnot_si512(low, v), b);
      });
    }
    each<2 * R>([&](auto i) NZIP_INLINE { sum[0][i] = add(sum[0][i], shift<4>(high[i])); });
  } else {
    for (int k = 0; k < d; k += kInputGroup, w += kGroupBytes) {
      each<2 * R>([&](auto i) NZIP_INLINE {
        const Vector v = _mm512_load_si512(w + i / 2 * block + i % 2 * 64);
        const Vector a = _mm512_and_si512(v, low), b = _mm512_and_si512(_mm512_srli_epi16(v, 4), low);
        each<N>([&](auto n) NZIP_INLINE {
          sum[n][i] = _mm512_dpbusd_epi32(sum[n][i], a, all(four_inputs(x[n].value + k)));
          sum[n][i] = _mm512_dpbusd_epi32(sum[n][i], b, all(four_inputs(x[n].value + k + 4)));
        });
      });
    }
  }
}

#elif defined(NZIP_AVX2)

constexpr int blocks_at_once(int) { return 1; }

// Has v in a register at this point. Without it gcc loads weights twice and sums in an order that needs more registers
// than there are, which takes a third more time.
inline void in_register(Vector& v) { __asm__("" : "+x"(v)); }

constexpr int kAhead = 1536;  // bytes of weights that are asked for in advance; a network hardly fits the nearer caches

// sum[n][first] and the V - 1 vectors of rows that follow: as many as registers hold.
template <int N, int V>
inline void sum_vectors(const uint8_t* w, int d, const Activations* x, int first, Vector (&sum)[N][4]) {
  const Vector low = _mm256_set1_epi8(15), ones = _mm256_set1_epi16(1);
  Vector total[N][V], part[N][V];  // part: of 16 bits
  each<N>([&](auto n) NZIP_INLINE { each<V>([&](auto i) NZIP_INLINE { total[n][i] = all(x[n].start); }); });
  w += first * 32;
  for (int k = 0; k < d; k += 4 * kInputGroup) {
    each<4>([&](auto group) NZIP_INLINE {
      each<V>([&](auto i) NZIP_INLINE {
        Vector v = _mm256_load_si256(reinterpret_cast<const __m256i*>(w + group * kGroupBytes + i * 32));
        in_register(v);
        if (i % 2 == 0)
          _mm_prefetch(reinterpret_cast<const char*>(w + group * kGroupBytes + i * 32 + kAhead), _MM_HINT_T0);
        const Vector a = _mm256_and_si256(v, low), b = _mm256_and_si256(_mm256_srli_epi16(v, 4), low);
        each<N>([&](auto n) NZIP_INLINE {
          const int8_t* in = x[n].value + k + group * kInputGroup;
          const Vector s = _mm256_maddubs_epi16(a, all(four_inputs(in)));
          const Vector t = _mm256_maddubs_epi16(b, all(four_inputs(in + 4)));
          part[n][i] = _mm256_add_epi16(group ? _mm256_add_epi16(part[n][i], s) : s, t);
          in_register(part[n][i]);
        });
      });
    });
    w += 4 * kGroupBytes;
    each<N>([&](auto n) NZIP_INLINE {
      each<V>([&](auto i) NZIP_INLINE { total[n][i] = add(total[n][i], _mm256_madd_epi16(part[n][i], ones)); });
    });
  }
  each<N>([&](auto n) NZIP_INLINE { each<V>([&](auto i) NZIP_INLINE { sum[n][first + i] = total[n][i]; }); });
}

template <int N, int R>
inline void sum_blocks(const uint8_t* w, int d, const Activations* x, Vector (&sum)[N][4]) {
  static_assert(R == 1);
  if constexpr (N == 1) {
    sum_vectors<N, 4>(w, d, x, 0, sum);
  } else {
    sum_vectors<N, 2>(w, d, x, 0, sum);
    sum_vectors<N, 2>(w, d, x, 2, sum);
  }
}

#elif defined(NZIP_NEON)

constexpr int blocks_at_once(int) { return 1; }

// sum[n][first] and the 3 vectors of rows that follow.
template <int N>
inline void sum_vectors(const uint8_t* w, int d, const Activations* x, int first, Vector (&sum)[N][8]) {
  const uint8x16_t low = vdupq_n_u8(15);
  int32x4_t pairs[N][8];  // of two rows, each in two halves
  int16x8_t part[N][8];
  each<N>([&](auto n) NZIP_INLINE { each<8>([&](auto i) NZIP_INLINE { pairs[n][i] = vdupq_n_s32(0); }); });
  w += first * 16;
  for (int k = 0; k < d; k += 4 * kInputGroup) {
    each<4>([&](auto group) NZIP_INLINE {
      each<4>([&](auto i) NZIP_INLINE {
        const uint8x16_t v = vld1q_u8(w + group * kGroupBytes + 16 * i);
        const int8x16_t a = vreinterpretq_s8_u8(vandq_u8(v, low)), b = vreinterpretq_s8_u8(vshrq_n_u8(v, 4));
        each<N>([&](auto n) NZIP_INLINE {
          const int8_t* in = x[n].value + k + group * kInputGroup;
          const int8x8_t s = vreinterpret_s8_s32(vdup_n_s32(four_inputs(in)));
          const int8x8_t t = vreinterpret_s8_s32(vdup_n_s32(four_inputs(in + 4)));
          int16x8_t &p = part[n][2 * i], &q = part[n][2 * i + 1];
          p = group ? vmlal_s8(p, vget_low_s8(a), s) : vmull_s8(vget_low_s8(a), s);
          q = group ? vmlal_s8(q, vget_high_s8(a), s) : vmull_s8(vget_high_s8(a), s);
          p = vmlal_s8(p, vget_low_s8(b), t);
          q = vmlal_s8(q, vget_high_s8(b), t);
        });
      });
    });
    w += 4 * kGroupBytes;
    each<N>([&](auto n) NZIP_INLINE {
      each<8>([&](auto i) NZIP_INLINE { pairs[n][i] = vpadalq_s16(pairs[n][i], part[n][i]); });
    });
  }
  each<N>([&](auto n) NZIP_INLINE {
    each<4>([&](auto i) NZIP_INLINE {
      sum[n][first + i] = add(all(x[n].start), vpaddq_s32(pairs[n][2 * i], pairs[n][2 * i + 1]));
    });
  });
}

template <int N, int R>
inline void sum_blocks(const uint8_t* w, int d, const Activations* x, Vector (&sum)[N][8]) {
  static_assert(R == 1);
  sum_vectors<N>(w, d, x, 0, sum);
  sum_vectors<N>(w, d, x, 4, sum);
}

#else

constexpr int blocks_at_once(int) { return 1; }

template <int N, int R>
inline void sum_blocks(const uint8_t* w, int d, const Activations* x, Vector (&sum)[N][kRowBlock]) {
  static_assert(R == 1);
  for (int n = 0; n < N; ++n) {
    for (int row = 0; row < kRowBlock; ++row) sum[n][row] = x[n].start;
    const uint8_t* group = w;
    for (const int8_t* in = x[n].value; in < x[n].value + d; in += kInputGroup)
      for (int row = 0; row < kRowBlock; ++row, group += 4)
        for (int j = 0; j < 4; ++j) sum[n][row] += (group[j] & 15) * in[j] + (group[j] >> 4) * in[4 + j];
  }
}

#endif

// As many row blocks as there are from `row` on, R at once.
template <int N, int R, class Finish>
inline void multiply_rows(const Matrix& matrix, int d, const Activations* x, int row, Finish finish) {
  const Vector half = all(1 << (matrix.shift - 1));
  for (; row + R * kRowBlock <= matrix.rows; row += R * kRowBlock) {
    Vector sum[N][R * kBlockVectors];
    sum_blocks<N, R>(matrix.weights + ptrdiff_t(row) * d / 2, d, x, sum);
    each<R * kBlockVectors>([&](auto i) NZIP_INLINE {
      const int at = row + i * kElements;
      const Vector multiplier = load_inputs(matrix.multiplier + at);
      each<N>([&](auto n)
                  NZIP_INLINE { finish(n, at, shift_by(add(multiply(sum[n][i], multiplier), half), matrix.shift)); });
    });
  }
  if constexpr (R > 1) multiply_rows<N, R / 2>(matrix, d, x, row, finish);
}

// Calls finish(column, row, scaled products) for every vector of rows of N columns.
template <int N, class Finish>
inline void multiply(const Matrix& matrix, int d, const Activations* x, Finish finish) {
  multiply_rows<N, blocks_at_once(N)>(matrix, d, x, 0, finish);
}

}  // namespace nzip::NZIP_ISA
