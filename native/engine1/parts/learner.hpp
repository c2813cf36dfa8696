// The distribution of the network that learns while coding, beside another network or without.
#pragma once

#include <array>
#include <cstdint>

#include "engine1/parts/situation.hpp"
#include "engine1/parts/untrained_expert.hpp"

namespace nzip::engine1::NZIP_ISA {

template <class Set, int kIndex>
class LearnerAt : public UntrainedExpert<LearnerAt<Set, kIndex>, kIndex> {
  using Base = UntrainedExpert<LearnerAt<Set, kIndex>, kIndex>;

 public:
  static constexpr std::array<uint32_t, 2> kSelectors = {Base::kSelectors[0], 32 * 32};

  using Base::Base;

  static void set_initial_weights(int32_t* w) { w[0] = kIndex ? 0 : kOne / 8; }

  // Its sets begin as copies of those that the second selector of another part chooses, with two thirds of these sets'
  // part in the final weights.
  template <class Other, class Weights>
  static void start(Weights& weights, Places own, Places other) {
    const uint32_t from = other.row + Other::kSelectors[0];
    for (uint32_t i = 0; i < kSelectors[0] + kSelectors[1]; ++i)
      Base::copy_set(weights, from + (i < kSelectors[0] ? i / 4 : i % 256), own.row + i);
    for (auto& set : weights.final_row) {
      int32_t& shared = set[other.selector + 1];
      for (int k = 0; k < 2; ++k) set[own.selector + k] = shared / 3;
      shared -= 2 * (shared / 3);
    }
  }

  template <class Choose>
  void select(const Moment& now, Choose choose) {
    Base::select(now, choose);
    choose(1, Base::opinions(now));
  }
};

template <class Set>
using Learner = LearnerAt<Set, 0>;
template <class Set>
using LearnerBeside = LearnerAt<Set, 1>;

}  // namespace nzip::engine1::NZIP_ISA
