// The distribution of a language model, beside a network.
#pragma once

#include <cstdint>

#include "engine1/parts/untrained_expert.hpp"

namespace nzip::engine1::NZIP_ISA {

template <class Set>
class LanguageModel : public UntrainedExpert<LanguageModel<Set>, 1> {
  using Base = UntrainedExpert<LanguageModel<Set>, 1>;

 public:
  using Base::Base;

  // It begins with three eighths of the weights that the network was trained to have, and the sets that its most likely
  // byte selects with a copy of the network's, and a half of these sets' part in the final weights.
  template <class Network, class Weights>
  static void start(Weights& weights, Places own, Places network) {
    for (uint32_t r = 0; r < own.row; ++r) {
      int32_t* row = weights.row[r];
      for (int i = 0; i < Base::kInputs; ++i) {
        row[own.input + i] = row[network.input + i] / 8 * 3;
        row[network.input + i] -= row[own.input + i];
      }
    }
    const uint32_t tops = network.row + Network::kSelectors[0];  // the sets that the network's top selects
    for (uint32_t i = 0; i < Base::kSelectors[0]; ++i) Base::copy_set(weights, tops + i / 4, own.row + i);
    const int top = network.selector + 1;
    for (auto& set : weights.final_row) {
      set[own.selector] = set[top] / 2;
      set[top] -= set[own.selector];
    }
  }
};

}  // namespace nzip::engine1::NZIP_ISA
