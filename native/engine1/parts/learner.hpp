// The distribution of the network that learns while coding, beside another network or without. Starts know nothing of
// it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "engine1/parts/network.hpp"
#include "engine1/parts/situation.hpp"

namespace nzip::engine1::NZIP_ISA {

// kIndex: its number among the predictor's experts. 1: a network stands before it.
template <class Set, int kIndex>
class LearnerAt : public Part<LearnerAt<Set, kIndex>> {
 public:
  static constexpr int kInputs = 2;
  static constexpr std::array<uint32_t, 2> kSelectors = {256 * 4, 32 * 32};
  static constexpr bool kExpert = true, kTrained = false;

  struct Model {
    ApmContext expert_apm[32 * 32];  // by its opinion and what else is known
  };

  LearnerAt(Model& model, int /*table_log2*/, bool /*few_data*/) : model_(model) {
    for (ApmContext& context : model_.expert_apm) context.reset();
  }

  static void set_initial_weights(int32_t* w) { w[0] = kIndex ? 0 : kOne / 8; }

  // Its sets begin as copies of those that the second selector of another part chooses, with two thirds of these sets'
  // part in the final weights.
  template <class Other, class Weights>
  static void start(Weights& weights, Places own, Places other) {
    const uint32_t from = other.row + Other::kSelectors[0];
    for (uint32_t i = 0; i < kSelectors[0] + kSelectors[1]; ++i) {
      const uint32_t like = from + (i < kSelectors[0] ? i / 4 : i % 256);
      std::ranges::copy(weights.row[like], weights.row[own.row + i]);
      weights.rate[own.row + i] = weights.rate[like];
    }
    for (auto& set : weights.final_row) {
      int32_t& shared = set[other.selector + 1];
      for (int k = 0; k < 2; ++k) set[own.selector + k] = shared / 3;
      shared -= 2 * (shared / 3);
    }
  }

  void give_inputs(Moment& now, int16_t* input, AdaptiveBit** /*bits*/, int32_t* /*says*/) {
    opinion_ = give_opinions(now.trees[kIndex], now.byte, input);
  }
  template <class Choose>
  void select(const Moment& now, Choose choose) {
    const uint32_t top = now.trees[kIndex].top();
    const uint32_t agrees = top == (kIndex ? now.trees[0].top() : now.lane->expected & 255);
    const uint32_t alive = (256 + top) >> (8 - now.bit) == now.byte;
    choose(0, top * 4 + agrees * 2 + alive);
    choose(1, opinions(now));
  }
  uint64_t refine(const Moment& now, int mixed, uint64_t p) {
    return (3 * p + cursor_.refine(model_.expert_apm[opinions(now)], mixed)) >> 2;
  }
  void update(const Moment& /*now*/, int y) { cursor_.update(y, 6); }

 private:
  uint32_t opinions(const Moment& now) const {
    return opinion_ * 32 + (kIndex ? now.network_opinion : now.first_match);
  }

  Model& model_;
  uint32_t opinion_ = 0;
  ApmCursor cursor_;
};

template <class Set>
using Learner = LearnerAt<Set, 0>;
template <class Set>
using LearnerBeside = LearnerAt<Set, 1>;

}  // namespace nzip::engine1::NZIP_ISA
