// Whether the next byte ends a token, there being tokens that go on: the model's opinion, corrected by what the text so
// far says, mixed as in the engine.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "cm/adaptive.hpp"
#include "cm/hash.hpp"
#include "cm/mixer.hpp"

namespace nzip::NZIP_ISA {

// What is known before a decision. Opinions are ln(p / (1 - p)) of an end, in 1/256.
struct EndingContext {
  int model;          // by the masses of the token that may be whole and of those that go on
  int network;        // by the byte network
  uint32_t node;      // of the vocabulary's trie
  uint32_t depth;     // bytes of the token so far
  uint32_t token[2];  // the last tokens before it
  uint64_t bytes;     // the last eight
  uint32_t match;     // 0: nothing is repeated; else the length's class, times two, plus one if that goes on
};

class Ending {
  static constexpr int kMaps = 6, kInputs = kMaps + 3, kLog2 = 18;
  static constexpr int kFraction = 16, kOne = 1 << kFraction, kMost = 8 * kOne, kRate = 6;
  static constexpr uint32_t kLimit = 255;
  using Row = std::array<int32_t, kInputs>;

 public:
  static constexpr uint32_t kMatches = 32;  // values of a context's match

  // What was predicted, until it is known what came.
  struct Prediction {
    uint32_t p;  // of an end, in 2^-32, both ends excluded
    std::array<AdaptiveBit*, kMaps + 1> bit;
    std::array<Row*, 2> row;
    std::array<int, kInputs> input;
    std::array<int, 2> opinion;
    ApmCursor cursor;
  };

  Ending() {
    for (auto& map : map_) map.resize(size_t(1) << kLog2);
    for (auto& set : weights_)
      for (Row& row : set) {
        row.fill(kOne / 8);
        row[0] = kOne / 2;
        row[1] = kOne / 4;
      }
    for (ApmContext& context : apm_) context.reset();
  }

  Prediction predict(const EndingContext& c) {
    Prediction made{};
    const uint64_t pair = mix(c.node, c.token[0]);
    const uint64_t hash[kMaps] = {mix(301, c.node),
                                  mix(302, pair),
                                  mix(303, mix(pair, c.token[1])),
                                  mix(304, mix(c.node, c.bytes & 0xffffffff)),
                                  mix(305, mix(c.node, c.bytes & 0xffffffffffff)),
                                  mix(306, uint64_t(bucket(c.model) * 64 + bucket(c.network)))};
    made.input[0] = c.model;
    made.input[1] = c.network;
    for (size_t i = 0; i < kMaps; ++i) made.bit[i] = &map_[i][hash[i] >> (64 - kLog2)];
    made.bit[kMaps] = &match_map_[c.match];
    for (size_t i = 0; i <= kMaps; ++i) made.input[2 + i] = kTables.stretch[size_t(made.bit[i]->p12())];
    if (!c.match) made.input[2 + kMaps] = 0;
    made.row = {&weights_[0][c.match], &weights_[1][c.depth < 15 ? c.depth : 15]};
    for (size_t k = 0; k < 2; ++k) {
      int64_t dot = 0;
      for (size_t i = 0; i < kInputs; ++i) dot += int64_t((*made.row[k])[i]) * made.input[i];
      made.opinion[k] = clamp(int(dot >> kFraction), kOutputMax);
    }
    const int mixed = (made.opinion[0] + made.opinion[1]) / 2;
    made.p = uint32_t((uint64_t(squash32(mixed)) + made.cursor.refine(apm_[c.match], mixed)) >> 1);
    return made;
  }

  void update(Prediction& made, int y) {
    alignas(32) int32_t outcome[8];
    std::fill_n(outcome, 8, y);
    AdaptiveBit::update<kMaps + 1>(made.bit.data(), outcome, kLimit);
    for (size_t k = 0; k < 2; ++k) {
      const int error = (y << 16) - squash16(made.opinion[k]);
      for (size_t i = 0; i < kInputs; ++i) {
        int32_t& weight = (*made.row[k])[i];
        weight = clamp(weight + int32_t((int64_t(made.input[i]) * error * kRate + (1 << 19)) >> 20), kMost);
      }
    }
    made.cursor.update(y, 6);
  }

 private:
  static int bucket(int opinion) { return (clamp(opinion, kInputMax) + kInputMax + 1) >> 6; }

  std::array<std::vector<AdaptiveBit>, kMaps> map_;
  std::array<AdaptiveBit, kMatches> match_map_{};
  std::array<std::array<Row, kMatches>, 2> weights_;
  std::array<ApmContext, kMatches> apm_;
};

}  // namespace nzip::NZIP_ISA
