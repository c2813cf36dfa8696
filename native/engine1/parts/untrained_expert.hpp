// The distribution of an expert that starts know nothing of. It joins parts that are trained, and begins as one of
// them.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "engine1/parts/network.hpp"

namespace nzip::engine1::NZIP_ISA {

// kIndex: its number among the predictor's experts. 1: a network stands before it.
template <class Derived, int kIndex>
class UntrainedExpert : public Part<Derived> {
 public:
  static constexpr int kInputs = 2;
  static constexpr std::array<uint32_t, 1> kSelectors = {256 * 4};
  static constexpr bool kExpert = true, kTrained = false;

  struct Model {
    ApmContext expert_apm[32 * 32];  // by its opinion and what else is known
  };

  UntrainedExpert(Model& model, int /*table_log2*/, bool /*few_data*/) : model_(model) {
    for (ApmContext& context : model_.expert_apm) context.reset();
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
  }
  uint64_t refine(const Moment& now, int mixed, uint64_t p) {
    return (3 * p + cursor_.refine(model_.expert_apm[opinions(now)], mixed)) >> 2;
  }
  void update(const Moment& /*now*/, int y) { cursor_.update(y, 6); }

 protected:
  // Its opinion and that of the network, or of the first match model.
  uint32_t opinions(const Moment& now) const {
    return opinion_ * 32 + (kIndex ? now.network_opinion : now.first_match);
  }

  // A set of weights becomes a copy of another one.
  template <class Weights>
  static void copy_set(Weights& weights, uint32_t from, uint32_t to) {
    std::ranges::copy(weights.row[from], weights.row[to]);
    weights.rate[to] = weights.rate[from];
  }

 private:
  Model& model_;
  uint32_t opinion_ = 0;
  ApmCursor cursor_;
};

}  // namespace nzip::engine1::NZIP_ISA
