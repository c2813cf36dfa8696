// A linear predictor that is fitted to the past by least squares, older samples counting less.
//
// The arithmetic is IEEE double, + - * / in the order written here and nothing fused, so every machine gets the same
// bits: the loops that a compiler may vectorize are those whose elements do not depend on each other. Whether it
// flushes denormal numbers cannot matter: the ridge is far larger than any of them.
#pragma once

#include <cfloat>
#include <cstdint>

namespace nzip::engine1::NZIP_ISA {

static_assert(FLT_EVAL_METHOD == 0, "doubles must be rounded after every operation");

template <int kInputs>
class LeastSquares {
 public:
  double predict(const double* x) const {
    double sum = 0;
    for (int i = 0; i < kInputs; ++i) sum += weight_[i] * x[i];
    return sum;
  }

  // Takes in that y followed the inputs x. memory: by what the past counts less with each sample; ridge: what is added
  // to the squares of every input, beside a small share of themselves.
  void update(const double* x, double y, double memory, double ridge) {
    for (int i = 0; i < kInputs; ++i) {
      double* row = square_[i];
      const double xi = x[i];
      for (int j = 0; j < kInputs; ++j) row[j] = row[j] * memory + xi * x[j];
      product_[i] = product_[i] * memory + xi * y;
    }
    if (++since_ >= kEvery) {
      since_ = 0;
      solve(ridge);
    }
  }

 private:
  static constexpr int kEvery = 6;
  static constexpr double kShare = 1e-7, kMostWeight = 1e4;

  // Gaussian elimination of the symmetric system; keeps the old weights where rounding has spoilt it.
  void solve(double ridge) {
    double a[kInputs][kInputs], b[kInputs], w[kInputs];
    for (int i = 0; i < kInputs; ++i) {
      for (int j = i; j < kInputs; ++j) a[i][j] = square_[i][j];
      a[i][i] += ridge + square_[i][i] * kShare;
      b[i] = product_[i];
    }
    for (int k = 0; k < kInputs; ++k) {
      if (!(a[k][k] >= ridge * 0.25)) return;
      const double inverse = 1.0 / a[k][k];
      for (int j = k + 1; j < kInputs; ++j) {
        const double f = a[k][j] * inverse;
        for (int i = j; i < kInputs; ++i) a[j][i] -= f * a[k][i];
        b[j] -= f * b[k];
      }
    }
    for (int k = kInputs - 1; k >= 0; --k) {
      double sum = b[k];
      for (int i = k + 1; i < kInputs; ++i) sum -= a[k][i] * w[i];
      w[k] = sum / a[k][k];
      if (!(w[k] < kMostWeight && w[k] > -kMostWeight)) return;
    }
    for (int k = 0; k < kInputs; ++k) weight_[k] = w[k];
  }

  double square_[kInputs][kInputs] = {};  // sums of x[i] x[j]
  double product_[kInputs] = {};          // sums of x[i] y
  double weight_[kInputs] = {};
  int since_ = 0;
};

}  // namespace nzip::engine1::NZIP_ISA
