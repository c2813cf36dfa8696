// Bit histories: what came in each context of the set, and in the orders 0 and 1, whose tables are of their own.
#pragma once

#include <array>
#include <cstdint>

#include "engine1/contexts/by_kind.hpp"
#include "engine1/mixer.hpp"
#include "engine1/parts/part.hpp"

namespace nzip::engine1::NZIP_ISA {

template <class Set>
class Histories : public Part<Histories<Set>> {
  static constexpr int kDirect = 2;  // orders 0 and 1
  static constexpr int kHistories = kContexts<Set> + kDirect;
  static constexpr int kGroup = 17 * 16;  // a direct context: 1 + 16 nibbles of 16 histories

 public:
  static constexpr int kInputs = Set::kOpinions * kHistories, kBits = kHistories;

  struct Model {
    AdaptiveBit history_map[kHistories][256];
    uint8_t direct[257][kGroup];
    uint16_t followers[65536];  // by two bytes: the last two bytes that came after them
  };
  struct Lane {
    uint64_t context[kContexts<Set>];
  };

  // few_data: what comes can fill but a small part of the table.
  Histories(Model& model, int table_log2, bool few_data) : table(table_log2, few_data), model_(model) {
    for (auto& map : model_.history_map)
      for (int s = 0; s < 256; ++s) map[s].set(kTables.history_prior[s]);
  }

  static void set_initial_weights(int32_t* w) {
    for (int i = 0; i < kHistories; ++i) w[Set::kOpinions * i] = kOne / 256 * Set::kInitialWeight;
  }
  template <class Visitor>
  void each(Visitor& visitor) {
    for (auto& map : model_.history_map)
      for (AdaptiveBit& b : map) visitor.bit(b);
  }

  template <class L>
  void prepare(L& lane, const uint8_t* history) {
    if (lane.position != lane.begin) {
      uint16_t& followers = model_.followers[lane.last8 >> 8 & 0xffff];
      followers = uint16_t(followers << 8 | lane.last(1));
    }
    find_contexts<Set>(lane, history, model_.followers);
    for (uint64_t context : lane.context) table.prefetch(nibble_key(context, 0));
  }

  template <class L>
  void begin_byte(Moment& now, L& lane, const uint8_t* /*history*/) {
    context_ = lane.context;
    now.slots = slots_.data();
    find_slots(now, 0);
  }

  void give_inputs(Moment& now, int16_t* input, AdaptiveBit** bits, int32_t* /*says*/) {
    for (int i = 0; i < kHistories; ++i) {
      const uint8_t state = history_at_[i][now.node];
      AdaptiveBit* const bit = model_.history_map[i] + state;
      bits[i] = bit;
      const int16_t* opinion = kTables.opinion[bit->p12()];
      input[0] = opinion[0];
      if constexpr (Set::kOpinions > 1) input[1] = int16_t(opinion[0] & kTables.pure[state]);
      if constexpr (Set::kOpinions > 2) input[2] = opinion[1];
      input += Set::kOpinions;
    }
  }

  void update(const Moment& now, int y) {
    const uint32_t node = now.node;
    for (uint8_t* history : history_at_) {
      uint8_t& state = history[node];
      state = kTables.history[state].next[y];
    }
  }

  void advance(Moment& now, int /*y*/) {
    if (now.bit == 3) {
      for (int i = 0; i < kContexts<Set>; ++i) {
        table.prefetch(nibble_key(context_[i], now.byte * 2));
        table.prefetch(nibble_key(context_[i], now.byte * 2 + 1));
      }
    } else if (now.bit == 4) {
      find_slots(now, now.byte);
    }
  }

  NibbleTable table;
  Model& model() { return model_; }

 private:
  // Finds the slots of the nibble that starts now; part as in nibble_key.
  void find_slots(Moment& now, uint32_t part) {
    const uint32_t nibble = part ? part - 15 : 0;
    uint32_t hits = 0;
    history_at_[0] = model_.direct[256] + nibble * 16;
    history_at_[1] = model_.direct[now.lane->last(1)] + nibble * 16;
    for (int i = 0; i < kContexts<Set>; ++i) {
      const NibbleSlot slot = table.find(nibble_key(context_[i], part));
      history_at_[kDirect + i] = slot.history - 1;
      hits += slot.history[0] != 0;
      if (part == 0 && i < kRuns<Set>) slots_[size_t(i)] = slot;
    }
    now.node = 1;
    now.hits = hits;
  }

  Model& model_;
  const uint64_t* context_ = nullptr;         // of the lane
  uint8_t* history_at_[kHistories];           // this nibble's histories, indexed by node
  std::array<NibbleSlot, kRuns<Set>> slots_;  // of the first nibble
};

}  // namespace nzip::engine1::NZIP_ISA
