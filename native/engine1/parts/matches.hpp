// Matches: what came after the longest earlier occurrence of the last bytes, by several match models.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <iterator>
#include <memory>

#include "engine1/match_model.hpp"
#include "engine1/mixer.hpp"
#include "engine1/parts/part.hpp"

namespace nzip::engine1::NZIP_ISA {

template <class Set>
class Matches : public Part<Matches<Set>> {
  static constexpr int kMatches = int(std::size(Set::kMatchMin)), kContexts = 16 * 2;

 public:
  static constexpr int kInputs = 2 * kMatches, kBits = kMatches;

  struct Model {
    AdaptiveBit match_map[kMatches][kContexts];
  };
  struct Lane {
    MatchState match[kMatches];
  };

  Matches(Model& model, int table_log2, bool few_data)
      : model_(model), table_log2_(table_log2), small_pages_(few_data) {
    expect_reference(0);
    // What followed a longer match is trusted the more from the start.
    for (auto& map : model_.match_map)
      for (int n = 0; n < kContexts; ++n) map[n].set(uint32_t(65535 - 32768 / (n + 1)));
  }

  // Gives match models that are still empty room for a reference of `size` bytes.
  void expect_reference(uint64_t size) {
    const int log2 = log2_entries(table_log2_, size);
    for (int i = 0; i < kMatches; ++i)
      match_model_[i] = std::make_unique<MatchModel>(Set::kMatchMin[i], log2, small_pages_);
  }

  static constexpr uint64_t memory(int table_log2, uint64_t reference) {
    return kMatches * (uint64_t(4) << log2_entries(table_log2, reference));
  }
  static void set_initial_weights(int32_t* w) {
    for (int i = 0; i < kMatches; ++i) w[2 * i] = kOne / 4;
  }
  template <class Visitor>
  void each(Visitor& visitor) {
    for (auto& map : model_.match_map)
      for (AdaptiveBit& b : map) visitor.bit(b);
  }

  // Takes the byte just pushed into the lane's matches.
  template <class L>
  void follow(L& lane, const uint8_t* history, const LaneCut& cut, uint32_t round, uint32_t index) {
    for (int i = 0; i < kMatches; ++i)
      match_model_[i]->advance(lane.match[i], history, cut, lane.position, lane.begin, round, index, lane.last8,
                               lane.older8);
    lane.expected = lane.matched = 0;
    for (int i = kMatches - 1; i >= 0 && !lane.expected; --i)
      if (const Follow& f = lane.match[i].first; f.length)
        lane.expected = 256u | history[f.at], lane.matched = length_bucket(f.length);
  }

  template <class L>
  void begin_byte(Moment& /*now*/, L& lane, const uint8_t* history) {
    for (int i = 0; i < kMatches; ++i) {
      const Follow& f = lane.match[i].first;
      match_[i].expected = f.length ? 256u | history[f.at] : 0;
      match_[i].bucket = f.length ? length_bucket(f.length) : 0;
    }
  }

  void give_inputs(Moment& now, int16_t* input, AdaptiveBit** bits, int32_t* says) {
    for (int i = 0; i < kMatches; ++i) {
      Match& match = match_[i];
      const uint32_t alive = match.expected >> (8 - now.bit) == now.byte;
      const int y = int(match.expected >> (7 - now.bit) & 1);
      match.bucket *= alive;
      AdaptiveBit& bit = model_.match_map[i][match.bucket * 2 + y * alive];
      *input++ = signed_by(y, kTables.stretch[bit.p12()] & -int(alive));
      *input++ = signed_by(y, (bit.p12() - 2048) & -int(alive));
      bits[i] = &bit;
      says[i] = y;
    }
    now.first_match = match_[0].bucket;
    now.last_match = match_[kMatches - 1].bucket;
  }

 private:
  struct Match {
    uint32_t expected, bucket;  // the byte with a leading 1, 0 for none; class of the match's length
  };

  // A place for every other position of a reference: of a long match that is enough to find it within a few bytes.
  static constexpr int log2_entries(int table_log2, uint64_t reference) {
    return std::max({10, table_log2 - Set::kMatchShare, int(std::bit_width(reference)) - 1});
  }

  static uint32_t length_bucket(uint32_t n) {
    if (n < 32) return n < 8 ? 1 + n / 4 : n < 16 ? 3 + (n - 8) / 3 : n < 24 ? 6 : 7;
    uint32_t bucket = 8;  // then by doublings: 32, 64, ...
    while (n >= 64 && bucket < 15) n >>= 1, ++bucket;
    return bucket;
  }

  Model& model_;
  int table_log2_;
  bool small_pages_;
  std::unique_ptr<MatchModel> match_model_[kMatches];
  Match match_[kMatches];
};

}  // namespace nzip::engine1::NZIP_ISA
