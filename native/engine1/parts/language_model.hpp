// The distribution of a language model, beside a network. Starts know nothing of it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "engine1/parts/network.hpp"

namespace nzip::engine1::NZIP_ISA {

template <class Set>
class LanguageModel : public Part<LanguageModel<Set>> {
 public:
  static constexpr int kInputs = 2;
  static constexpr std::array<uint32_t, 1> kSelectors = {256 * 4};
  static constexpr bool kExpert = true, kTrained = false;

  struct Model {
    ApmContext expert_apm[32 * 32];  // by its opinion and the network's
  };

  LanguageModel(Model& model, int /*table_log2*/, bool /*few_data*/) : model_(model) {
    for (ApmContext& context : model_.expert_apm) context.reset();
  }

  // It begins with three eighths of the weights that the network was trained to have, and the sets that its most likely
  // byte selects with a copy of the network's, and a half of these sets' part in the final weights.
  template <class Network, class Weights>
  static void start(Weights& weights, Places own, Places network) {
    for (uint32_t r = 0; r < own.row; ++r) {
      int32_t* row = weights.row[r];
      for (int i = 0; i < kInputs; ++i) {
        row[own.input + i] = row[network.input + i] / 8 * 3;
        row[network.input + i] -= row[own.input + i];
      }
    }
    const uint32_t tops = network.row + Network::kSelectors[0];  // the sets that the network's top selects
    for (uint32_t i = 0; i < kSelectors[0]; ++i) {
      std::ranges::copy(weights.row[tops + i / 4], weights.row[own.row + i]);
      weights.rate[own.row + i] = weights.rate[tops + i / 4];
    }
    const int top = network.selector + 1;
    for (auto& set : weights.final_row) {
      set[own.selector] = set[top] / 2;
      set[top] -= set[own.selector];
    }
  }

  void give_inputs(Moment& now, int16_t* input, AdaptiveBit** /*bits*/, int32_t* /*says*/) {
    opinion_ = give_opinions(now.trees[1], now.byte, input);
  }
  template <class Choose>
  void select(const Moment& now, Choose choose) {
    const uint32_t top = now.trees[1].top(), agrees = top == now.trees[0].top();
    const uint32_t alive = (256 + top) >> (8 - now.bit) == now.byte;
    choose(0, top * 4 + agrees * 2 + alive);
  }
  uint64_t refine(const Moment& now, int mixed, uint64_t p) {
    return (3 * p + cursor_.refine(model_.expert_apm[opinion_ * 32 + now.network_opinion], mixed)) >> 2;
  }
  void update(const Moment& /*now*/, int y) { cursor_.update(y, 6); }

 private:
  Model& model_;
  uint32_t opinion_ = 0;
  ApmCursor cursor_;
};

}  // namespace nzip::engine1::NZIP_ISA
