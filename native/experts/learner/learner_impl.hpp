// The learner of one instruction set: a layer of LSTM cells whose input and forget gates are one, and a softmax (the
// structure is that of lstm-compress, by B. Knoll). docs/learner.md has the arithmetic; names are as there.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include "experts/learner/floats.hpp"
#include "experts/learner/learner.hpp"

namespace nzip::NZIP_ISA {

class LstmLearner final : public Learner {
  static constexpr int kCells = 64, kGates = 3 * kCells;  // forget, cell, output
  static constexpr int kSteps = 20;                       // that errors go back
  static constexpr int kBytes = 2;                        // the last ones, which are inputs
  static constexpr float kOutputRate = 0.02f, kRate = 0.01f, kFading = 0.0001f, kLeast = 0.2f;
  static constexpr float kMemory = 0.999f, kErrorBound = 2.f;

 public:
  LstmLearner() {
    uint32_t random = 1;
    const auto fill = [&](float* w, int n, float scale) {  // evenly within +-scale
      for (int i = 0; i < n; ++i) {
        random = random * 1664525 + 1013904223;
        w[i] = (float(int32_t(random >> 8)) * 0x1p-23f - 1.f) * scale;
      }
    };
    fill(weight_[0], kCells * kGates, 0.125f);
    fill(row_[0], kBytes * 256 * kGates, 0.125f);
    fill(output_[0], kCells * 256, 0.02f);
    std::fill_n(gain_, kGates, 1.f);
    std::fill_n(bias_, kCells, 1.f);
  }

  void next(uint8_t c, const uint32_t* base, uint32_t* weights) override {
    if (started_) learn(c);
    started_ = true;
    last_ = last_ << 8 | c;
    Step& step = step_[at_];
    for (int k = 0; k < kBytes; ++k) step.row[k] = k * 256 + int(last_ >> (8 * k) & 255);
    forward(step);
    predict(step.h, base, weights);
  }

 private:
  struct Step {
    alignas(64) float n[kGates], gate[kGates], scale[3];  // normalized sums, what became of them, 1 / their size
    alignas(64) float before[kCells], cell[kCells], bent[kCells], from[kCells], h[kCells];
    alignas(64) float error[kCells], delta[kGates];  // of h; of the sums
    int row[kBytes];
  };

  // The cells' step from those of the step before.
  void forward(Step& s) {
    std::copy_n(state_, kCells, s.before);
    std::copy_n(h_, kCells, s.from);
    for (int j = 0; j < kGates; j += kFloats) {
      at(s.n, j) = at(row_[s.row[0]], j);
      for (int k = 1; k < kBytes; ++k) at(s.n, j) += at(row_[s.row[k]], j);
    }
    add_products<6>(s.from, weight_, s.n);
    for (int g = 0; g < 3; ++g) {
      float* n = s.n + g * kCells;
      const float squares = total(kCells, [&](int i) { return at(n, i) * at(n, i); });
      s.scale[g] = 1.f / std::sqrt(squares / kCells + 1e-5f);
      for (int i = 0; i < kCells; i += kFloats) at(n, i) *= s.scale[g];
    }
    for (int j = 0; j < kGates; j += kFloats) {
      const Floats a = at(s.n, j) * at(gain_, j) + at(bias_, j);
      at(s.gate, j) = j / kCells == 1 ? hyperbolic_tangent(a) : sigmoid(a);
    }
    for (int i = 0; i < kCells; i += kFloats) {
      const Floats f = at(s.gate, i), z = at(s.gate, kCells + i), o = at(s.gate, 2 * kCells + i);
      at(s.cell, i) = f * at(s.before, i) + (1.f - f) * z;
      at(s.bent, i) = hyperbolic_tangent(at(s.cell, i));
      at(s.h, i) = o * at(s.bent, i);
    }
    std::copy_n(s.cell, kCells, state_);
    std::copy_n(s.h, kCells, h_);
  }

  // to[j] += from[0] * weight[0][j], and so on in the order of i; kTile vectors of outputs at a time.
  template <int kTile, int kOutputs>
  static void add_products(const float* from, const float (*weight)[kOutputs], float* to) {
    for (int j = 0; j < kOutputs; j += kTile * kFloats) {
      Floats sum[kTile];
      for (int v = 0; v < kTile; ++v) sum[v] = at(to, j + v * kFloats);
      for (int i = 0; i < kCells; ++i)
        for (int v = 0; v < kTile; ++v) sum[v] += from[i] * at(weight[i], j + v * kFloats);
      for (int v = 0; v < kTile; ++v) at(to, j + v * kFloats) = sum[v];
    }
  }

  void predict(const float* h, const uint32_t* base, uint32_t* weights) {
    std::copy_n(output_bias_, 256, p_);
    add_products<8>(h, output_, p_);
    const float top = *std::max_element(p_, p_ + 256);
    for (int i = 0; i < 256; i += kFloats) at(p_, i) = exponential(bounded(at(p_, i) - top, 40.f));
    if (base)
      for (int i = 0; i < 256; ++i) p_[i] *= float(int32_t(base[i]));
    const float share = 1.f / total(256, [&](int i) { return at(p_, i); });
    for (int i = 0; i < 256; i += kFloats) {
      at(p_, i) *= share;
      *reinterpret_cast<Integers*>(weights + i) = __builtin_convertvector(at(p_, i) * 0x1p22f, Integers) + 1;
    }
  }

  // What the byte c says about the last prediction. The output layer learns at once, the cells after kSteps bytes.
  void learn(uint8_t c) {
    Step& s = step_[at_];
    p_[c] -= 1.f;  // now the errors
    const float rate = kOutputRate * slowness_;
    for (int j = 0; j < 256; j += kFloats) at(output_bias_, j) -= rate * at(p_, j);
    for (int i = 0; i < kCells; ++i) {
      float* w = output_[i];
      const float k = rate * s.h[i];
      s.error[i] = total(256, [&](int j) {
        const Floats e = at(p_, j), old = at(w, j);
        at(w, j) = old - k * e;
        return e * old;
      });
    }
    for (int i = 0; i < kCells; i += kFloats) at(s.error, i) = bounded(at(s.error, i), kErrorBound);
    if (++at_ == kSteps) {
      go_back();
      ++updates_;
      slowness_ = std::max(kLeast, 1.f / std::sqrt(1.f + kFading * float(updates_)));
      at_ = 0;
    }
  }

  // Errors go back through the steps, and all weights of the cells take a step.
  void go_back() {
    alignas(64) float dh[kCells] = {}, dc[kCells] = {};
    alignas(64) float gain_sum[kGates] = {}, bias_sum[kGates] = {};
    for (int t = kSteps - 1; t >= 0; --t) {
      Step& s = step_[t];
      float* const d = s.delta;
      for (int i = 0; i < kCells; i += kFloats) {
        const Floats f = at(s.gate, i), z = at(s.gate, kCells + i), o = at(s.gate, 2 * kCells + i), b = at(s.bent, i);
        const Floats e = at(dh, i) + at(s.error, i), cell = at(dc, i) + e * o * (1.f - b * b);
        at(d, i) = cell * (at(s.before, i) - z) * f * (1.f - f);
        at(d, kCells + i) = cell * (1.f - f) * (1.f - z * z);
        at(d, 2 * kCells + i) = e * b * o * (1.f - o);
        at(dc, i) = cell * f;
      }
      for (int g = 0; g < 3; ++g) {
        const int first = g * kCells;
        const float sum = total(kCells, [&](int i) {
          const Floats raw = at(d, first + i), n = at(s.n, first + i);
          at(bias_sum, first + i) += raw;
          at(gain_sum, first + i) += raw * n;
          at(d, first + i) = raw * at(gain_, first + i);
          return at(d, first + i) * n;
        });
        for (int j = first; j < first + kCells; j += kFloats)
          at(d, j) = (at(d, j) - at(s.n, j) * (sum / kCells)) * s.scale[g];
      }
      for (int i = 0; i < kCells; ++i) dh[i] = total(kGates, [&](int j) { return at(d, j) * at(weight_[i], j); });
      for (int i = 0; i < kCells; i += kFloats) at(dh, i) = bounded(at(dh, i), kErrorBound);
    }
    fading_ *= kMemory;
    rate_ = kRate * slowness_;
    correction_ = 1.f / (1.f - fading_);
    for (int j = 0; j < kGates; j += kFloats) {
      take(gain_, gain_square_, j, at(gain_sum, j));
      take(bias_, bias_square_, j, at(bias_sum, j));
    }
    for (int i = 0; i < kCells; ++i)
      for (int j = 0; j < kGates; j += kFloats) {
        Floats sum = {};
        for (const Step& s : step_) sum += s.from[i] * at(s.delta, j);
        take(weight_[i], weight_square_[i], j, sum);
      }
    for (int k = 0; k < kBytes; ++k)
      for (int t = 0; t < kSteps; ++t) learn_row(k, t);
  }

  // The row of a byte takes the sum of its steps' errors, at the first of them.
  void learn_row(int k, int first) {
    const int row = step_[first].row[k];
    for (int t = 0; t < first; ++t)
      if (step_[t].row[k] == row) return;
    for (int j = 0; j < kGates; j += kFloats) {
      Floats sum = {};
      for (int t = first; t < kSteps; ++t)
        if (step_[t].row[k] == row) sum += at(step_[t].delta, j);
      take(row_[row], row_square_[row], j, sum);
    }
  }

  // A step of Adam without momentum.
  [[gnu::always_inline]] void take(float* w, float* square, int j, const Floats& gradient) {
    const Floats v = kMemory * at(square, j) + ((1.f - kMemory) * gradient) * gradient;
    at(square, j) = v;
    const Floats mean = v * correction_;
    Floats root;
    for (int i = 0; i < kFloats; ++i) root[i] = std::sqrt(mean[i]);
    at(w, j) -= rate_ * gradient / (root + 1e-6f);
  }

  alignas(64) float weight_[kCells][kGates], row_[kBytes * 256][kGates], output_[kCells][256];
  alignas(64) float weight_square_[kCells][kGates] = {}, row_square_[kBytes * 256][kGates] = {};
  alignas(64) float gain_[kGates], bias_[kGates] = {}, gain_square_[kGates] = {}, bias_square_[kGates] = {};
  alignas(64) float output_bias_[256] = {}, state_[kCells] = {}, h_[kCells] = {}, p_[256];
  Step step_[kSteps];
  int at_ = 0, updates_ = 0;
  bool started_ = false;
  uint32_t last_ = 0;
  float slowness_ = 1, fading_ = 1, rate_ = 0, correction_ = 0;
};

std::unique_ptr<Learner> make_learner() { return std::make_unique<LstmLearner>(); }

uint64_t learner_size() { return sizeof(LstmLearner); }

}  // namespace nzip::NZIP_ISA
