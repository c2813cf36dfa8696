// The predictor: every component's opinion of the next bit, mixed in two layers and refined by two APMs
// (the structure is PAQ8's and lpaq's: indirect bit histories, gated logistic mixing, SSE).
#pragma once

#include <cstdint>
#include <memory>

#include "cm/adaptive.hpp"
#include "cm/lane_state.hpp"
#include "cm/match_model.hpp"
#include "cm/nibble_table.hpp"
#include "cm/profiles.hpp"
#include "cm/simd.hpp"

namespace nzip::NZIP_ISA {

constexpr int padded(int n) { return (n + kVector - 1) / kVector * kVector; }

template <class P>
class Predictor {
 public:
  struct Lane : LaneState {
    MatchState match[P::kMatches];
    uint64_t context[P::kContexts];
  };

  Predictor(int table_log2, int match_log2) : table_(table_log2), pages_(sizeof(Model)), m_(pages_.as<Model>()) {
    for (int i = 0; i < P::kMatches; ++i) match_model_[i] = std::make_unique<MatchModel>(P::kMatchMin[i], match_log2);
    for (auto& map : m_->history_map)
      for (int s = 0; s < 256; ++s) map[s].set(kTables.history_prior[s]);
    for (auto& map : m_->run_map)
      for (int n = 0; n < kRunContexts; ++n) map[n].set(uint32_t(65535 - 32768 / (n / 4 + 1)));
    for (auto& map : m_->match_map)
      for (int n = 0; n < kMatchContexts; ++n) map[n].set(uint32_t(65535 - 32768 / (n + 1)));
    for (auto& set : m_->weights) init_weights(set);
    for (auto& set : m_->final_weights)
      for (int k = 0; k < P::kSets; ++k) set[k] = kWeightOne / P::kSets;
    reset_apm(&m_->apm0[0][0], 1024);
    if constexpr (P::kOrder2Apm) reset_apm(&m_->apm1[0][0], 65536);
  }

  static constexpr uint64_t fixed_memory() { return sizeof(Model) + sizeof(Predictor); }

  // Takes the byte just pushed into the lane's matches; the match models read and write positions.
  void advance_matches(Lane& lane, const uint8_t* history, const LaneCut& cut, uint32_t round, uint32_t index) {
    for (int i = 0; i < P::kMatches; ++i)
      match_model_[i]->advance(lane.match[i], history, cut, lane.position, lane.begin, round, index, lane.last8);
  }

  // Computes the contexts of a lane's next byte and asks for their lines.
  void prepare(Lane& lane, const uint8_t* history) {
    P::contexts(lane, history, lane.context);
    for (uint64_t context : lane.context) table_.prefetch(nibble_key(context, 0));
  }

  void begin_byte(Lane& lane, const uint8_t* history) {
    lane_ = &lane;
    byte_ = 1;
    bit_ = 0;
    for (int i = 0; i < P::kMatches; ++i) {
      const Follow& f = lane.match[i].first;
      match_expected_[i] = f.length ? 256u | history[f.at] : 0;
      match_bucket_[i] = f.length ? length_bucket(f.length) : 0;
      if (i == 0) second_expected_ = lane.match[0].second.length ? 256u | history[lane.match[0].second.at] : 0;
    }
    find_slots(0);
    for (int i = 0; i < P::kRuns; ++i) {
      run_[i] = {run_slot_[i].run_byte, run_slot_[i].run_count};
      const uint32_t n = *run_[i].count;
      run_expected_[i] = n ? 256u | *run_[i].byte : 0;
      run_bucket_[i] = n < 8 ? n : n < 16 ? 8 : n < 32 ? 9 : n < 255 ? 10 : 11;
    }
  }

  // Probability of a 1 in 2^-32, within [2^-22, 1 - 2^-22].
  uint32_t predict() {
    int n = 0;
    for (int i = 0; i < kHistories; ++i) {
      const uint32_t state = history_at_[i][node_];
      history_bit_[i] = &m_->history_map[i][state];
      const int p = history_bit_[i]->p12();
      input_[n++] = kTables.stretch[p];
      input_[n++] = (p - 2048) >> 1;
    }
    for (int i = 0; i < P::kRuns; ++i) {
      if (run_expected_[i] >> (8 - bit_) != byte_) {
        run_bit_[i] = nullptr;
        input_[n++] = 0;
        continue;
      }
      run_y_[i] = run_expected_[i] >> (7 - bit_) & 1;
      run_bit_[i] = &m_->run_map[i][run_bucket_[i] * 8 + bit_];
      const int st = kTables.stretch[run_bit_[i]->p12()];
      input_[n++] = run_y_[i] ? st : -st;
    }
    for (int i = 0; i < P::kMatches; ++i) {
      if (match_expected_[i] >> (8 - bit_) != byte_) {
        match_bit_[i] = nullptr;
        if (i == 0) match_bucket_[i] = 0;
        match_bucket_[i] = 0;
        input_[n++] = 0;
        input_[n++] = 0;
        continue;
      }
      match_y_[i] = match_expected_[i] >> (7 - bit_) & 1;
      match_bit_[i] = &m_->match_map[i][match_bucket_[i] * 2 + match_y_[i]];
      const int p = match_bit_[i]->p12(), st = kTables.stretch[p];
      input_[n++] = match_y_[i] ? st : -st;
      input_[n++] = match_y_[i] ? (p - 2048) : (2048 - p);
    }
    input_[n++] = kStretchOne;
    select_sets();
    for (int k = 0; k < P::kSets; ++k) {
      int out = int(dot(input_, set_[k], kPadded) >> kDotShift);
      out = clamp(out, kInputMax);
      layer_[k] = out;
      set_p_[k] = squash16(out);
    }
    final_set_ = m_->final_weights[P::kFinalByMatch ? match_bucket_[0] * 8 + bit_ : byte_];
    const int mixed = clamp(int(dot(layer_, final_set_, padded(P::kSets)) >> kDotShift), kOutputMax);
    final_p_ = squash16(mixed);
    const int x = clamp(mixed, kInputMax);
    uint64_t p = squash32(mixed);
    const uint64_t a0 = cursor_[0].refine(m_->apm0[byte_ | (lane_->kind == kText ? 0 : 256) | (match_bucket_[0] > 8 ? 512 : 0)], x);
    if constexpr (P::kOrder2Apm) {
      const uint32_t h = uint32_t((uint64_t(lane_->last8 & 0xffff) << 8 | byte_) * kHashA >> 48);
      const uint64_t a1 = cursor_[1].refine(m_->apm1[h], x);
      p = (p * 2 + a0 + a1) >> 2;
    } else {
      p = (p + a0) >> 1;
    }
    constexpr uint32_t kFloor = 1u << 10;
    return p < kFloor ? kFloor : p > ~0u - kFloor ? ~0u - kFloor : uint32_t(p);
  }

  void update(int y) {
    for (int i = 0; i < kHistories; ++i) {
      uint8_t& state = history_at_[i][node_];
      history_bit_[i]->update(y, P::kLimit);
      state = kTables.history[state].next[y];
      m_->history_map[i][0].set(32768);
    }
    for (int i = 0; i < P::kRuns; ++i)
      if (run_bit_[i]) run_bit_[i]->update(y == run_y_[i], 1023);
    for (int i = 0; i < P::kMatches; ++i)
      if (match_bit_[i]) match_bit_[i]->update(y == match_y_[i], 1023);
    const int target = y << 16;
    for (int k = 0; k < P::kSets; ++k) {
      const int error = ((target - set_p_[k]) * int(rate_ >> 8)) >> kErrorShift;
      if (error) train(set_[k], input_, kPadded, error);
    }
    const int error = ((target - final_p_) * P::kFinalRate) >> kErrorShift;
    if (error) train(final_set_, layer_, padded(P::kSets), error);
    cursor_[0].update(y, 7);
    if constexpr (P::kOrder2Apm) cursor_[1].update(y, 6);
    byte_ = byte_ << 1 | y;
    node_ = node_ << 1 | y;
    if (++bit_ == 4) find_slots(byte_);
  }

  void end_byte() {
    const uint8_t c = uint8_t(byte_);
    for (int i = 0; i < P::kRuns; ++i) {
      uint8_t& count = *run_[i].count;
      if (count && *run_[i].byte == c) {
        count += count < 255;
      } else {
        *run_[i].byte = c;
        count = 1;
      }
    }
    if (rate_ > P::kRateLast * 256) rate_ -= (rate_ - P::kRateLast * 256) / P::kRateDecay + 1;
  }

 private:
  static constexpr int kDirect = 2;  // orders 0 and 1 have tables of their own
  static constexpr int kHistories = P::kContexts + kDirect;
  static constexpr int kInputs = 2 * kHistories + P::kRuns + 2 * P::kMatches + 1;
  static constexpr int kPadded = padded(kInputs);
  static_assert(kPadded <= kMaxInputs);
  static constexpr int kGroup = 17 * 16;  // a direct context: 1 + 16 nibbles of 16 histories
  static constexpr int kRunContexts = 12 * 8, kMatchContexts = 16 * 2;
  static constexpr int kSetSizes[6] = {16 * 32, 256, 256 * 3, 8 * 32, 256 * 3, 2048};
  static constexpr int set_base(int k) {
    int base = 0;
    for (int i = 0; i < k; ++i) base += kSetSizes[i];
    return base;
  }

  struct Model {
    alignas(64) int32_t weights[set_base(P::kSets)][kPadded];
    alignas(64) int32_t final_weights[256][padded(P::kSets)];
    uint8_t direct[257][kGroup];
    AdaptiveBit history_map[kHistories][256];
    AdaptiveBit run_map[P::kRuns][kRunContexts];
    AdaptiveBit match_map[P::kMatches][kMatchContexts];
    uint32_t apm0[1024][kApmPoints];
    uint32_t apm1[P::kOrder2Apm ? 65536 : 1][kApmPoints];
  };
  struct Run {
    uint8_t* byte;
    uint8_t* count;
  };

  static int clamp(int x, int bound) { return x > bound ? bound : x < -bound ? -bound : x; }

  static uint32_t length_bucket(uint32_t n) {
    return n < 16 ? (n < 8 ? 1 + n / 4 : 3 + (n - 8) / 3) : n < 24 ? 6 : n < 32 ? 7 : n < 48 ? 8 : n < 64 ? 9 : n < 128 ? 10 : n < 256 ? 11 : n < 512 ? 12 : n < 2048 ? 13 : n < 16384 ? 14 : 15;
  }

  static void init_weights(int32_t* w) {
    for (int i = 0; i < kHistories; ++i) w[2 * i] = int(P::kInitWeight * kWeightOne / 256);
    for (int i = 0; i < P::kRuns; ++i) w[2 * kHistories + i] = kWeightOne / 16;
    for (int i = 0; i < P::kMatches; ++i) w[2 * kHistories + P::kRuns + 2 * i] = kWeightOne / 4;
  }

  void find_slots(uint32_t part) {
    uint64_t keys[P::kContexts];
    if (part) {
      for (int i = 0; i < P::kContexts; ++i) {
        keys[i] = nibble_key(lane_->context[i], part);
        table_.prefetch(keys[i]);
      }
    } else {
      for (int i = 0; i < P::kContexts; ++i) keys[i] = nibble_key(lane_->context[i], 0);
    }
    const uint32_t nibble = part ? part - 15 : 0;
    hits_ = 0;
    history_at_[0] = m_->direct[0] + nibble * 16;
    history_at_[1] = m_->direct[1 + lane_->last(1)] + nibble * 16;
    for (int i = 0; i < P::kContexts; ++i) {
      const NibbleSlot slot = table_.find(keys[i]);
      history_at_[kDirect + i] = slot.history - 1;
      hits_ += slot.history[0] != 0;
      if (!part && i < P::kRuns) run_slot_[i] = slot;
    }
    node_ = 1;
  }

  void select_sets() {
    const uint32_t kind = lane_->kind;
    const uint32_t select[6] = {match_bucket_[0] * 32 + hits_, byte_, kind * 256u + lane_->last(1), bit_ * 32 + hits_, kind * 256u + lane_->last(2),
                                kind == kText ? (lane_->word ? 1 : 0) * 256u + lane_->last(3) : 512u + (lane_->column < 1023 ? lane_->column : 1023)};
    for (int k = 0; k < P::kSets; ++k) set_[k] = m_->weights[set_base(k) + select[k]];
  }

  static constexpr int kWeightOne = 1 << 27, kDotShift = 12, kErrorShift = 10;

  NibbleTable table_;
  ZeroedPages pages_;
  Model* m_;
  std::unique_ptr<MatchModel> match_model_[P::kMatches];

  alignas(64) int32_t input_[kPadded] = {};
  alignas(64) int32_t layer_[padded(P::kSets)] = {};
  uint8_t* history_at_[kHistories];  // this nibble's histories, indexed by node
  AdaptiveBit* history_bit_[kHistories];
  NibbleSlot run_slot_[P::kRuns];
  Run run_[P::kRuns];
  AdaptiveBit* run_bit_[P::kRuns];
  uint32_t run_expected_[P::kRuns], run_bucket_[P::kRuns];
  int run_y_[P::kRuns];
  AdaptiveBit* match_bit_[P::kMatches];
  uint32_t match_expected_[P::kMatches], match_bucket_[P::kMatches], second_expected_;
  int match_y_[P::kMatches];
  int32_t* set_[P::kSets];
  int set_p_[P::kSets];
  int32_t* final_set_;
  int final_p_;
  ApmCursor cursor_[2];
  Lane* lane_;
  uint32_t node_, byte_, bit_;
  uint32_t hits_;
  uint32_t rate_ = P::kRateFirst * 256;
};

}  // namespace nzip::NZIP_ISA
