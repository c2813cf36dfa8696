// Steps of training glr2 on a CPU that are no products of matrices, each one pass over memory, vectorized by the
// compiler. network.py calls them for a few lanes at a time, whose arrays stay in the second cache.
// Shapes: L lanes, T steps, n = L * T rows, d channels; all arrays are contiguous. bf16 is the upper half of a float.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

namespace {

using bf16 = uint16_t;
inline float widen(bf16 x) {
  uint32_t u = uint32_t(x) << 16;
  float f;
  std::memcpy(&f, &u, 4);
  return f;
}
inline bf16 narrow(float f) {
  uint32_t u;
  std::memcpy(&u, &f, 4);
  return bf16((u + 0x8000) >> 16);
}
inline float clip(float x, float bound) { return x > bound ? bound : x < -bound ? -bound : x; }
// To the nearest whole number of steps, -127 to 127 of them.
inline float quantized(float x, float steps) { return clip(std::nearbyint(x * steps), 127) / steps; }

// The sigmoid and tanh of the integer engine: parabolas that reach their bounds at 4 and 2.
inline float sigmoid(float x) {
  const float u = 4 - std::fabs(clip(x, 4)), s = u * u * (1 / 32.f);
  return x > 0 ? 1 - s : s;
}
inline float sigmoid_slope(float x) { return (4 - std::fabs(clip(x, 4))) * (1 / 16.f); }
inline float tanh_(float x) {
  const float u = 2 - std::fabs(clip(x, 2)), s = 1 - u * u * .25f;
  return x > 0 ? s : -s;
}
inline float tanh_slope(float x) { return (2 - std::fabs(clip(x, 2))) * .5f; }

constexpr float kTableSteps = 32, kNormSteps = 16, kCellSteps = 128;
constexpr float kNormBound = 127 / kNormSteps;  // where it is reached, a normalized value passes no gradient
constexpr float kEpsilon = 1e-5f;
constexpr int64_t kMostColumns = 2048;
constexpr int kBytes = 256;
constexpr float kMemory = .98f, kPatience = 8;

// The level of a table's value, in steps of 1/32: whole ones, or one of the fifteen that 4 bits name.
inline float whole_level(float x) { return clip(std::nearbyint(x * kTableSteps), 127); }
inline float named_level(float x) {
  const float u = std::fabs(x) * kTableSteps;
  float level = 0;
  level += u >= 1.f ? 2.f : 0.f;
  level += u >= 3.5f ? 3.f : 0.f;
  level += u >= 7.f ? 4.f : 0.f;
  level += u >= 11.5f ? 5.f : 0.f;
  level += u >= 17.f ? 6.f : 0.f;
  level += u >= 24.f ? 8.f : 0.f;
  level += u >= 34.f ? 12.f : 0.f;
  return x < 0 ? -level : level;
}

}  // namespace

extern "C" {

// A table of the inputs: where its values are among all tables' values, and where its rows are added.
struct Table {
  int64_t base, rows, width, offset, named, gate;
};

void levels(int64_t n, int64_t named, const float* values, int8_t* level) {
  if (named)
    for (int64_t i = 0; i < n; ++i) level[i] = int8_t(named_level(values[i]));
  else
    for (int64_t i = 0; i < n; ++i) level[i] = int8_t(whole_level(values[i]));
}

// h[n, d] and a[n, 3d] = sums of the rows that are chosen: row[n, tables].
void gather(int64_t n, int64_t d, int64_t tables, const Table* table, const uint16_t* row, const int8_t* level,
            float* h, bf16* a) {
  int16_t sum[kMostColumns];
  for (int64_t i = 0; i < n; ++i) {
    std::memset(sum, 0, size_t(4 * d) * sizeof(int16_t));
    if (i + 1 < n)
      for (int64_t k = 0; k < tables; ++k) {
        const int8_t* next = level + table[k].base + int64_t(row[(i + 1) * tables + k]) * table[k].width;
        for (int64_t j = 0; j < table[k].width; j += 64) __builtin_prefetch(next + j);
      }
    for (int64_t k = 0; k < tables; ++k) {
      const int64_t width = table[k].width;
      const int8_t* from = level + table[k].base + int64_t(row[i * tables + k]) * width;
      int16_t* to = sum + (table[k].gate ? d : 0) + table[k].offset;
      for (int64_t j = 0; j < width; ++j) to[j] = int16_t(to[j] + from[j]);
    }
    for (int64_t j = 0; j < d; ++j) h[i * d + j] = float(sum[j]) / kTableSteps;
    for (int64_t j = 0; j < 3 * d; ++j) a[i * 3 * d + j] = narrow(float(sum[d + j]) / kTableSteps);
  }
}

// Learns from dh[n, d] and da[n, 3d]: of each table only the rows that were chosen. `square` is the running mean of a
// value's squared gradient, over the batches with its row; before the first, it is `usual` of the table. Steps are of
// `rate` at a row's first visits, and fall with them to `least`.
void learn(int64_t n, int64_t d, int64_t tables, const Table* table, const uint16_t* row, const bf16* dh,
           const bf16* da, float rate, float least, float* value, float* square, int8_t* level, uint16_t* visits,
           float* usual) {
  std::vector<int32_t> first, order(static_cast<size_t>(n));
  int64_t visits_base = 0;
  for (int64_t k = 0; k < tables; ++k) {
    const Table& t = table[k];
    first.assign(size_t(t.rows) + 1, 0);
    for (int64_t i = 0; i < n; ++i) ++first[row[i * tables + k] + 1];
    for (int64_t r = 0; r < t.rows; ++r) first[r + 1] += first[r];
    for (int64_t i = 0; i < n; ++i) order[size_t(first[row[i * tables + k]]++)] = int32_t(i);
    const bf16* gradient = (t.gate ? da : dh) + t.offset;
    const int64_t stride = t.gate ? 3 * d : d;
    double total = 0;
    int64_t touched = 0;
    const float start = usual[k];
    for (int64_t r = 0, at = 0; r < t.rows; ++r) {
      const int64_t end = first[r];
      if (at == end) continue;
      float g[kMostColumns];
      std::memset(g, 0, size_t(t.width) * sizeof(float));
      for (; at < end; ++at) {
        if (at + 4 < n) {
          const bf16* next = gradient + order[size_t(at + 4)] * stride;
          for (int64_t j = 0; j < t.width; j += 32) __builtin_prefetch(next + j);
        }
        const bf16* from = gradient + order[size_t(at)] * stride;
        for (int64_t j = 0; j < t.width; ++j) g[j] += widen(from[j]);
      }
      float* v = value + t.base + r * t.width;
      float* s = square + t.base + r * t.width;
      int8_t* q = level + t.base + r * t.width;
      uint16_t& seen = visits[visits_base + r];
      if (s[0] == 0) {  // its first visit in this run
        float mean = 0;
        for (int64_t j = 0; j < t.width; ++j) mean += g[j] * g[j];
        const float from = start > 0 ? start : mean / float(t.width);
        for (int64_t j = 0; j < t.width; ++j) s[j] = from;
      }
      const float memory = std::min(kMemory, float(seen + 1) / float(seen + 2));
      const float pace = std::max(least, rate / std::sqrt(1 + float(seen) / kPatience));
      seen += seen < 65535;
      float sum = 0;
      for (int64_t j = 0; j < t.width; ++j) {
        s[j] = memory * s[j] + (1 - memory) * g[j] * g[j];
        sum += s[j];
        v[j] -= pace * clip(g[j] / (std::sqrt(s[j]) + 1e-12f), 3);
      }
      if (t.named)
        for (int64_t j = 0; j < t.width; ++j) q[j] = int8_t(named_level(v[j]));
      else
        for (int64_t j = 0; j < t.width; ++j) q[j] = int8_t(whole_level(v[j]));
      total += sum / float(t.width);
      ++touched;
    }
    const float mean = float(total / double(touched));
    usual[k] = start > 0 ? .98f * start + .02f * mean : mean;
    visits_base += t.rows;
  }
}

// c = c + g (tanh z - c), y = quantized o c; a + bias = (z, g, o). A start forgets the state, which goes on.
void cell_forward(int64_t L, int64_t T, int64_t d, const bf16* a, const float* bias, const uint8_t* start, float* state,
                  bf16* before, bf16* y) {
  for (int64_t l = 0; l < L; ++l) {
    float* c = state + l * d;
    for (int64_t t = 0; t < T; ++t) {
      const int64_t i = l * T + t;
      const bf16* at = a + i * 3 * d;
      const float keep = start[i] ? 0.f : 1.f;
#pragma omp simd
      for (int64_t j = 0; j < d; ++j) {
        const float z = tanh_(widen(at[j]) + bias[j]);
        const float g = sigmoid(widen(at[d + j]) + bias[d + j]);
        const float o = sigmoid(widen(at[2 * d + j]) + bias[2 * d + j]);
        const float old = c[j] * keep;
        const float now = old + g * (z - old);
        before[i * d + j] = narrow(old);
        c[j] = now;
        y[i * d + j] = narrow(quantized(o * now, kCellSteps));
      }
    }
  }
}

// dc[d] is scratch. dbias is added to.
void cell_backward(int64_t L, int64_t T, int64_t d, const bf16* a, const float* bias, const uint8_t* start,
                   const bf16* before, const bf16* dy, bf16* da, float* dbias) {
  float dc[kMostColumns];
  for (int64_t l = 0; l < L; ++l) {
    std::memset(dc, 0, size_t(d) * sizeof(float));
    for (int64_t t = T; t-- > 0;) {
      const int64_t i = l * T + t;
      const bf16* at = a + i * 3 * d;
      bf16* out = da + i * 3 * d;
      const float keep = start[i] ? 0.f : 1.f;
#pragma omp simd
      for (int64_t j = 0; j < d; ++j) {
        const float az = widen(at[j]) + bias[j], ag = widen(at[d + j]) + bias[d + j],
                    ao = widen(at[2 * d + j]) + bias[2 * d + j];
        const float z = tanh_(az), g = sigmoid(ag), o = sigmoid(ao), old = widen(before[i * d + j]),
                    dyj = widen(dy[i * d + j]);
        const float dcj = dc[j] + dyj * o;
        const float dz = dcj * g * tanh_slope(az), dg = dcj * (z - old) * sigmoid_slope(ag),
                    d_o = dyj * (old + g * (z - old)) * sigmoid_slope(ao);
        out[j] = narrow(dz), out[d + j] = narrow(dg), out[2 * d + j] = narrow(d_o);
        dbias[j] += dz, dbias[d + j] += dg, dbias[2 * d + j] += d_o;
        dc[j] = dcj * (1 - g) * keep;
      }
    }
  }
}

// h += u, x = h / rms(h), quantized; inverse[n] = 1 / rms(h).
void norm_forward(int64_t n, int64_t d, float* h, const bf16* u, bf16* x, float* inverse) {
  for (int64_t i = 0; i < n; ++i) {
    float squares = 0;
    for (int64_t j = 0; j < d; ++j) {
      const float v = h[i * d + j] + widen(u[i * d + j]);
      h[i * d + j] = v;
      squares += v * v;
    }
    const float inv = 1 / std::sqrt(squares / float(d) + kEpsilon);
    inverse[i] = inv;
    for (int64_t j = 0; j < d; ++j) x[i * d + j] = narrow(quantized(h[i * d + j] * inv, kNormSteps));
  }
}

// Adds the gradient that comes through x to that of h; grad_b is the sum in bf16. What x stands for is taken as x.
void norm_backward(int64_t n, int64_t d, const bf16* x, const float* inverse, const bf16* dx, float* grad,
                   bf16* grad_b) {
  for (int64_t i = 0; i < n; ++i) {
    const float inv = inverse[i];
    float dot = 0;
    for (int64_t j = 0; j < d; ++j) {
      const float r = widen(x[i * d + j]);
      dot += std::fabs(r) < kNormBound ? r * widen(dx[i * d + j]) : 0;
    }
    dot /= float(d);
    for (int64_t j = 0; j < d; ++j) {
      const float r = widen(x[i * d + j]);
      const float g = std::fabs(r) < kNormBound ? widen(dx[i * d + j]) : 0;
      const float total = grad[i * d + j] + inv * (g - r * dot);
      grad[i * d + j] = total;
      grad_b[i * d + j] = narrow(total);
    }
  }
}

// sum += part.
void accumulate(int64_t n, const bf16* part, float* sum) {
  for (int64_t i = 0; i < n; ++i) sum[i] += widen(part[i]);
}

// Sum of the cross-entropies in nats; logits become softmax - one-hot, times scale; dbias[256] is added to.
double cross_entropy(int64_t n, bf16* logits, const float* bias, const uint8_t* target, float scale, float* dbias) {
  double total = 0;
  for (int64_t i = 0; i < n; ++i) {
    float e[kBytes], x[kBytes], top = -1e30f, sum = 0;
    bf16* row = logits + i * kBytes;
    for (int j = 0; j < kBytes; ++j) x[j] = widen(row[j]) + bias[j];
    for (int j = 0; j < kBytes; ++j) top = x[j] > top ? x[j] : top;
    for (int j = 0; j < kBytes; ++j) e[j] = std::exp(x[j] - top);
    for (int j = 0; j < kBytes; ++j) sum += e[j];
    const int t = target[i];
    total += std::log(sum) - x[t] + top;
    const float k = scale / sum;
    for (int j = 0; j < kBytes; ++j) e[j] *= k;
    e[t] -= scale;
    for (int j = 0; j < kBytes; ++j) row[j] = narrow(e[j]), dbias[j] += e[j];
  }
  return total;
}
}
