// The distribution of a byte network.
#pragma once

#include <array>
#include <cstdint>

#include "engine1/mixer.hpp"
#include "engine1/parts/part.hpp"

namespace nzip::engine1::NZIP_ISA {

// Writes the two opinions that a distribution gives of the next bit; returns the first one's class, below 32.
inline uint32_t give_opinions(const ByteTree& tree, uint32_t byte, int16_t* input) {
  const int opinion = tree.stretched(byte);
  input[0] = int16_t(opinion);
  input[1] = int16_t((squash16(opinion) - 32768) >> 6);
  return uint32_t(opinion + 2048) >> 7;
}

// kIndex: its number among the predictor's experts.
template <class Set, int kIndex>
class NetworkAt : public Part<NetworkAt<Set, kIndex>> {
 public:
  static constexpr int kInputs = 2;
  static constexpr std::array<uint32_t, 2> kSelectors = {32 * 16, 256};
  static constexpr bool kExpert = true;

  NetworkAt(typename Part<NetworkAt<Set, kIndex>>::Model& /*model*/, int /*table_log2*/, bool /*few_data*/) {}

  static void set_initial_weights(int32_t* w) { w[0] = kOne / 2; }

  void give_inputs(Moment& now, int16_t* input, AdaptiveBit** /*bits*/, int32_t* /*says*/) {
    opinion_ = give_opinions(now.trees[kIndex], now.byte, input);
    if (kIndex == 0) now.network_opinion = opinion_;
  }
  template <class Choose>
  void select(const Moment& now, Choose choose) {
    choose(0, opinion_ * 16 + now.first_match);
    choose(1, now.trees[kIndex].top());
  }

 private:
  uint32_t opinion_ = 0;
};

template <class Set>
using Network = NetworkAt<Set, 0>;

}  // namespace nzip::engine1::NZIP_ISA
