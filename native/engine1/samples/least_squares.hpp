// A linear predictor that is fitted to samples of the past by least squares.
//
// The arithmetic is IEEE double, + - * / in the order written here and nothing fused, so every machine gets the same
// bits: the loops that a compiler may vectorize are those whose elements do not depend on each other. Whether it
// flushes denormal numbers cannot matter: the ridge is far larger than any of them.
#pragma once

#include <algorithm>
#include <cfloat>
#include <cstdint>

namespace nzip::engine1::NZIP_ISA {

static_assert(FLT_EVAL_METHOD == 0, "doubles must be rounded after every operation");

template <int kMostInputs>
class LeastSquares {
 public:
  // Forgets all. n: inputs that it has, a multiple of 4.
  void reset(int n) {
    *this = LeastSquares();
    n_ = n;
  }

  // Forgets the samples, but not what they were solved to.
  void forget() {
    std::fill_n(&square_[0][0], kMostInputs * kMostInputs, 0.0);
    std::fill_n(product_, kMostInputs, 0.0);
  }

  double predict(const double* x) const {
    double sum = 0;
    for (int i = 0; i < n_; ++i) sum += weight_[i] * x[i];
    return sum;
  }

  // Takes in that y followed the inputs x, and solves now and then. memory: by what the past counts less with each
  // sample; ridge: what is added to the squares of every input, beside a small share of themselves.
  void update(const double* x, double y, double memory, double ridge) {
    for (int i = 0; i < n_; ++i) {
      double* row = square_[i];
      const double xi = x[i];
      for (int j = 0; j < n_; ++j) row[j] = row[j] * memory + xi * x[j];
      product_[i] = product_[i] * memory + xi * y;
    }
    if (++since_ >= kEvery) {
      since_ = 0;
      solve(ridge);
    }
  }

  // Takes a sample in (share 1) or out again (-1). That leaves nothing of it where inputs are integers below 2^20.
  void count(const double* x, double y, double share) {
    for (int i = 0; i < n_; ++i) {
      double* row = square_[i];
      const double xi = x[i] * share;
      for (int j = 0; j < n_; ++j) row[j] += xi * x[j];
      product_[i] += xi * y;
    }
  }

  // Gaussian elimination of the symmetric system; keeps the old weights where rounding has spoilt it.
  void solve(double ridge) {
    double a[kMostInputs][kMostInputs], b[kMostInputs], w[kMostInputs];
    for (int i = 0; i < n_; ++i) {
      for (int j = i; j < n_; ++j) a[i][j] = square_[i][j];
      a[i][i] += ridge + square_[i][i] * kShare;
      b[i] = product_[i];
    }
    for (int k = 0; k < n_; ++k) {
      if (!(a[k][k] >= ridge * 0.25)) return;
      const double inverse = 1.0 / a[k][k];
      for (int j = k + 1; j < n_; ++j) {
        const double f = a[k][j] * inverse;
        for (int i = j; i < n_; ++i) a[j][i] -= f * a[k][i];
        b[j] -= f * b[k];
      }
    }
    for (int k = n_ - 1; k >= 0; --k) {
      double sum = b[k];
      for (int i = k + 1; i < n_; ++i) sum -= a[k][i] * w[i];
      w[k] = sum / a[k][k];
      if (!(w[k] < kMostWeight && w[k] > -kMostWeight)) return;
    }
    for (int k = 0; k < n_; ++k) weight_[k] = w[k];
  }

 private:
  static constexpr int kEvery = 6;
  static constexpr double kShare = 1e-7, kMostWeight = 1e4;

  double square_[kMostInputs][kMostInputs] = {};  // sums of x[i] x[j]
  double product_[kMostInputs] = {};              // sums of x[i] y
  double weight_[kMostInputs] = {};
  int n_ = kMostInputs, since_ = 0;
};

}  // namespace nzip::engine1::NZIP_ISA
