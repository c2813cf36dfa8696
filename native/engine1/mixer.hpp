// Gated logistic mixing in two layers (after PAQ8): each selected weight set of the first layer gives an opinion and
// learns from its own error; the sum of small final sets mixes the opinions.
#pragma once

#include <cstdint>

#include "engine1/mixer_vectors.hpp"
#include "engine1/tables.hpp"

namespace nzip::engine1::NZIP_ISA {

constexpr int kOne = 1 << 27;  // a weight of 1.0

inline int clamp(int x, int bound) { return x > bound ? bound : x < -bound ? -bound : x; }

// kInputs inputs, kSets selected sets out of kRows rows of weights, kFinals final sets out of kFinalRows.
template <int kInputs, int kSets, int kRows, int kFinals, int kFinalRows>
class Mixer {
 public:
  static_assert(kSets <= kMaxSets && kFinals <= kMaxFinals);
  static constexpr int kPadded = (kInputs + kVector - 1) / kVector * kVector;

  struct Weights {
    alignas(64) int32_t row[kRows][kPadded];
    int32_t rate[kRows];  // learning rate in 2^-25: high in a row that was rarely selected
    alignas(64) int32_t final_row[kFinalRows][kMaxSets];
  };

  explicit Mixer(Weights& weights) : weights_(weights) {
    for (int32_t& rate : weights_.rate) rate = kRateFirst;
    for (auto& set : weights_.final_row)
      for (int k = 0; k < kSets; ++k) set[k] = kOne / kSets / kFinals;
  }

  // Shows weights and rates to a visitor, in a fixed order: those of the first so many inputs, rows and sets.
  template <class Visitor>
  void each(Visitor& visitor, int inputs, int rows, int sets) {
    for (int r = 0; r < rows; ++r) {
      for (int i = 0; i < inputs; ++i) visitor.weight(weights_.row[r][i]);
      visitor.rate(weights_.rate[r]);
    }
    for (auto& set : weights_.final_row)
      for (int k = 0; k < sets; ++k) visitor.final_weight(set[k]);
  }

  // Gives the rows of a selector that were never selected the mean of those that were.
  void fill_unselected(int first, int count) {
    int64_t sum[kInputs] = {};
    int selected = 0;
    for (int r = first; r < first + count; ++r) {
      if (weights_.rate[r] == kRateFirst) continue;
      ++selected;
      for (int i = 0; i < kInputs; ++i) sum[i] += weights_.row[r][i];
    }
    for (int r = first; selected && r < first + count; ++r)
      if (weights_.rate[r] == kRateFirst)
        for (int i = 0; i < kInputs; ++i) weights_.row[r][i] = int32_t(sum[i] / selected);
  }

  int16_t* inputs() { return input_; }
  void select(int k, uint32_t row) {
    row_[k] = weights_.row[row];
    rate_[k] = &weights_.rate[row];
  }
  void select_final(int j, uint32_t row) { final_[j] = weights_.final_row[row]; }

  // The mixed opinion in the stretch domain, within +-kOutputMax. The final weights are the sums of the selected sets'.
  int mix() {
    dot_products<kSets>(input_, row_, kPadded, layer_);
    const int sum = final_product<kSets, kFinals>(layer_, final_);
    for (int k = 0; k < kSets; ++k) p_[k] = squash16(layer_[k]);
    const int mixed = clamp(sum >> kDotShift, kOutputMax);
    final_p_ = squash16(mixed);
    return mixed;
  }

  // An error is below 2^16 and a rate below 2^11, so error * rate fits 28 bits.
  void update(int y) {
    const int target = y << 16;
    int32_t error[kSets];
    for (int k = 0; k < kSets; ++k) {
      int32_t& rate = *rate_[k];
      error[k] = ((target - p_[k]) * (rate >> 8)) >> kErrorShift;
      rate -= (rate - kRateLast) >> 10;
    }
    train<kSets>(input_, row_, kPadded, error);
    const int final_error = ((target - final_p_) * kFinalRate) >> kFinalErrorShift;
    train_finals<kSets, kFinals>(layer_, final_, final_error);
  }

 private:
  static constexpr int kErrorShift = 10, kFinalErrorShift = 6;
  static constexpr int32_t kRateFirst = 2000 << 8, kRateLast = 150 << 8, kFinalRate = 20;

  Weights& weights_;
  alignas(64) int16_t input_[kPadded] = {};
  alignas(64) int32_t layer_[kMaxSets] = {};
  int32_t* row_[kSets];
  int32_t* rate_[kSets];
  int32_t* final_[kFinals];
  int p_[kSets];
  int final_p_;
};

}  // namespace nzip::engine1::NZIP_ISA
