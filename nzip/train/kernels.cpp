// Element-wise steps of training on a CPU, fused and vectorized by the compiler; matrix products are torch's.
// reference.py has the same steps in torch, quantize.py the rules of quantization and of its gradients.
// Shapes: L lanes, T steps, N = L * T rows, d channels; all arrays are contiguous. bf16 is the upper half of a float.
#include <omp.h>

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
  return bf16((u + 0x7fff + (u >> 16 & 1)) >> 16);
}
inline float clip(float x, float bound) { return x > bound ? bound : x < -bound ? -bound : x; }
inline float quantized(float x, float step) { return clip(std::nearbyint(x / step), 127) * step; }

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

constexpr float kTableStep = 1 / 32.f, kNormStep = 1 / 16.f, kCellStep = 1 / 128.f;
constexpr float kNormBound = 128 * kNormStep;  // beyond it, a normalized value passes no gradient
constexpr float kEpsilon = 1e-5f;
constexpr int64_t kMostColumns = 1536;  // of a table
constexpr int kBytes = 256;

}  // namespace

extern "C" {

void set_threads(int threads) { omp_set_num_threads(threads); }

// out[N, width] = the sum of k rows of the table, whose values are quantized. One of the outputs is null.
void gather(int64_t n, int64_t width, int64_t k, const int32_t* rows, const float* table, float* out_f, bf16* out_b) {
#pragma omp parallel for
  for (int64_t i = 0; i < n; ++i) {
    float sum[kMostColumns];
    for (int64_t j = 0; j < width; ++j) sum[j] = 0;
    for (int64_t r = 0; r < k; ++r) {
      const float* row = table + int64_t(rows[i * k + r]) * width;
      for (int64_t j = 0; j < width; ++j) sum[j] += quantized(row[j], kTableStep);
    }
    if (out_f)
      std::memcpy(out_f + i * width, sum, size_t(width) * sizeof(float));
    else
      for (int64_t j = 0; j < width; ++j) out_b[i * width + j] = narrow(sum[j]);
  }
}

// Adds the gradient[N, width] to the rows of the table's. Threads take columns, so that rows that meet do not race.
void scatter(int64_t n, int64_t width, int64_t k, const int32_t* rows, const float* grad_f, const bf16* grad_b,
             float* table) {
  const int64_t part = 64;
#pragma omp parallel for schedule(dynamic)
  for (int64_t first = 0; first < width; first += part) {
    const int64_t last = first + part < width ? first + part : width;
    for (int64_t i = 0; i < n; ++i)
      for (int64_t r = 0; r < k; ++r) {
        float* row = table + int64_t(rows[i * k + r]) * width;
        if (grad_f)
          for (int64_t j = first; j < last; ++j) row[j] += grad_f[i * width + j];
        else
          for (int64_t j = first; j < last; ++j) row[j] += widen(grad_b[i * width + j]);
      }
  }
}

// c = c + g (tanh z - c), y = quantized o c; a + bias = (z, g, o). A start forgets the state.
void cell_forward(int64_t L, int64_t T, int64_t d, const bf16* a, const float* bias, const uint8_t* start,
                  const float* state, float* c, bf16* y) {
#pragma omp parallel for schedule(dynamic)
  for (int64_t l = 0; l < L; ++l) {
    const float* before = state + l * d;
    for (int64_t t = 0; t < T; ++t) {
      const int64_t i = l * T + t;
      const bf16* at = a + i * 3 * d;
      float* now = c + i * d;
      const float keep = start[i] ? 0.f : 1.f;
#pragma omp simd
      for (int64_t j = 0; j < d; ++j) {
        const float z = tanh_(widen(at[j]) + bias[j]);
        const float g = sigmoid(widen(at[d + j]) + bias[d + j]);
        const float o = sigmoid(widen(at[2 * d + j]) + bias[2 * d + j]);
        const float old = before[j] * keep;
        now[j] = old + g * (z - old);
        y[i * d + j] = narrow(quantized(o * now[j], kCellStep));
      }
      before = now;
    }
  }
}

void cell_backward(int64_t L, int64_t T, int64_t d, const bf16* a, const float* bias, const uint8_t* start,
                   const float* state, const float* c, const bf16* dy, bf16* da, float* dbias) {
#pragma omp parallel
  {
    std::vector<float> db(3 * d, 0.f), dc(d);
#pragma omp for schedule(dynamic)
    for (int64_t l = 0; l < L; ++l) {
      for (int64_t j = 0; j < d; ++j) dc[j] = 0;
      for (int64_t t = T; t-- > 0;) {
        const int64_t i = l * T + t;
        const bf16* at = a + i * 3 * d;
        bf16* out = da + i * 3 * d;
        const float* now = c + i * d;
        const float* before = t ? now - d : state + l * d;
        const float keep = start[i] ? 0.f : 1.f;
        float *pdc = dc.data(), *pdb = db.data();
#pragma omp simd
        for (int64_t j = 0; j < d; ++j) {
          const float az = widen(at[j]) + bias[j], ag = widen(at[d + j]) + bias[d + j],
                      ao = widen(at[2 * d + j]) + bias[2 * d + j];
          const float z = tanh_(az), g = sigmoid(ag), o = sigmoid(ao), old = before[j] * keep,
                      dyj = widen(dy[i * d + j]);
          const float dcj = pdc[j] + dyj * o;
          const float dz = dcj * g * tanh_slope(az), dg = dcj * (z - old) * sigmoid_slope(ag),
                      d_o = dyj * now[j] * sigmoid_slope(ao);
          out[j] = narrow(dz), out[d + j] = narrow(dg), out[2 * d + j] = narrow(d_o);
          pdb[j] += dz, pdb[d + j] += dg, pdb[2 * d + j] += d_o;
          pdc[j] = dcj * (1 - g) * keep;
        }
      }
    }
#pragma omp critical
    for (int64_t j = 0; j < 3 * d; ++j) dbias[j] += db[j];
  }
}

// sum[N, d] = h + u (u may be null), x = sum / rms(sum), quantized; inverse[N] = 1 / rms(sum).
void norm_forward(int64_t n, int64_t d, const float* h, const bf16* u, float* sum, bf16* x, float* inverse) {
#pragma omp parallel for
  for (int64_t i = 0; i < n; ++i) {
    float squares = 0;
    for (int64_t j = 0; j < d; ++j) {
      const float v = h[i * d + j] + (u ? widen(u[i * d + j]) : 0.f);
      sum[i * d + j] = v;
      squares += v * v;
    }
    const float inv = 1 / std::sqrt(squares / float(d) + kEpsilon);
    inverse[i] = inv;
    for (int64_t j = 0; j < d; ++j) x[i * d + j] = narrow(quantized(sum[i * d + j] * inv, kNormStep));
  }
}

// grad[N, d] holds the gradient of the sum from elsewhere, that of x is added to it; grad_b is the same in bf16.
void norm_backward(int64_t n, int64_t d, const float* sum, const float* inverse, const bf16* dx, float* grad,
                   bf16* grad_b) {
#pragma omp parallel for
  for (int64_t i = 0; i < n; ++i) {
    const float inv = inverse[i];
    float dot = 0;
    for (int64_t j = 0; j < d; ++j) {
      const float r = sum[i * d + j] * inv;
      dot += std::fabs(r) < kNormBound ? r * widen(dx[i * d + j]) : 0;
    }
    dot /= float(d);
    for (int64_t j = 0; j < d; ++j) {
      const float r = sum[i * d + j] * inv;
      const float g = std::fabs(r) < kNormBound ? widen(dx[i * d + j]) : 0;
      const float total = grad[i * d + j] + inv * (g - r * dot);
      grad[i * d + j] = total;
      grad_b[i * d + j] = narrow(total);
    }
  }
}

// Sum of the cross-entropies in nats; grad[N, 256] = softmax - one-hot, times scale.
double cross_entropy(int64_t n, const bf16* logits, const float* bias, const uint8_t* target, float scale, bf16* grad) {
  double total = 0;
#pragma omp parallel for reduction(+ : total)
  for (int64_t i = 0; i < n; ++i) {
    float e[kBytes], x[kBytes], top = -1e30f, sum = 0;
    for (int j = 0; j < kBytes; ++j) x[j] = widen(logits[i * kBytes + j]) + bias[j];
    for (int j = 0; j < kBytes; ++j) top = x[j] > top ? x[j] : top;
    for (int j = 0; j < kBytes; ++j) e[j] = std::exp(x[j] - top);
    for (int j = 0; j < kBytes; ++j) sum += e[j];
    const int t = target[i];
    total += std::log(sum) - x[t] + top;
    const float k = scale / sum;
    for (int j = 0; j < kBytes; ++j) grad[i * kBytes + j] = narrow(e[j] * k - (j == t ? scale : 0));
  }
  return total;
}
}
