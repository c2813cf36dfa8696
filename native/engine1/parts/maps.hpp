// Maps: probabilities of their own in some contexts, beside histories; in a bilevel raster in contexts of pixels.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "engine1/contexts/maps.hpp"
#include "engine1/parts/part.hpp"

namespace nzip::engine1::NZIP_ISA {

template <class Set>
class Maps : public Part<Maps<Set>> {
  static constexpr int kMaps = contexts::kMaps;
  static constexpr int kMapLog2 = 18;  // lines of a map, of 16 nodes each
  static constexpr uint32_t kLimit = 255;
  static_assert(kMaps == Pixels::kContexts && kMapLog2 + 4 == Pixels::kContextLog2);

 public:
  static constexpr int kInputs = 2 * kMaps;

  struct Model {
    alignas(64) AdaptiveBit map[kMaps][size_t(1) << kMapLog2][16];
  };
  struct Lane {
    uint64_t map_context[kMaps];
  };

  Maps(Model& model, int /*table_log2*/, bool /*few_data*/) : model_(model) {}

  template <class L>
  void prepare(L& lane, const uint8_t* /*history*/) {
    contexts::hash_for_maps(lane, lane.context, lane.map_context);
    for (int i = 0; i < kMaps; ++i) __builtin_prefetch(line(i, nibble_key(lane.map_context[i], 0)));
  }

  template <class L>
  void begin_byte(Moment& /*now*/, L& lane, const uint8_t* /*history*/) {
    context_ = lane.map_context;
    find_lines(0);
  }

  void give_inputs(Moment& now, int16_t* input, AdaptiveBit** /*bits*/, int32_t* /*says*/) {
    for (int i = 0; i < kMaps; ++i) {
      bit_[i] = now.lane->kind == kBilevel ? &model_.map[i][0][0] + now.pixels.context(i) : &at_[i][now.node];
      std::memcpy(input + 2 * i, kTables.opinion[bit_[i]->p12()], 4);
    }
  }

  void update(const Moment& /*now*/, int y) {
    alignas(32) int32_t outcome[(kMaps + 7) / 8 * 8] = {};
    std::fill_n(outcome, kMaps, y);
    AdaptiveBit::update<kMaps>(bit_, outcome, kLimit);
  }

  void advance(Moment& now, int /*y*/) {
    if (now.bit == 3) {
      for (int i = 0; i < kMaps; ++i) {
        __builtin_prefetch(line(i, nibble_key(context_[i], now.byte * 2)));
        __builtin_prefetch(line(i, nibble_key(context_[i], now.byte * 2 + 1)));
      }
    } else if (now.bit == 4) {
      find_lines(now.byte);
    }
  }

 private:
  AdaptiveBit* line(int i, uint64_t key) { return model_.map[i][key >> (64 - kMapLog2)]; }
  void find_lines(uint32_t part) {
    for (int i = 0; i < kMaps; ++i) at_[i] = line(i, nibble_key(context_[i], part));
  }

  Model& model_;
  const uint64_t* context_ = nullptr;  // of the lane
  AdaptiveBit* at_[kMaps];             // this nibble's lines, indexed by node
  AdaptiveBit* bit_[kMaps];
};

}  // namespace nzip::engine1::NZIP_ISA
