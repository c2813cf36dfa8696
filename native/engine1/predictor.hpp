// The predictor: every component's opinion of the next bit, mixed in two layers and refined by adaptive maps
// (the structure is PAQ8's and lpaq's: indirect bit histories, gated logistic mixing, SSE).
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <memory>

#include "engine1/adaptive.hpp"
#include "engine1/byte_tree.hpp"
#include "engine1/component_sets.hpp"
#include "engine1/contexts/samples.hpp"
#include "engine1/kinds.hpp"
#include "engine1/lane_state.hpp"
#include "engine1/match_model.hpp"
#include "engine1/mixer.hpp"
#include "engine1/neighbours.hpp"
#include "engine1/nibble_table.hpp"
#include "engine1/pixels.hpp"
#include "engine1/samples/maps.hpp"
#include "engine1/samples/state.hpp"
#include "engine1/start.hpp"

namespace nzip::engine1::NZIP_ISA {

template <class P, bool kNetwork, bool kExpert>
class Warming;

// With a network, its distribution gives two inputs more and selects two weight sets. An expert beside it gives two
// more and selects one, and an APM refines by both opinions; trained starts know nothing of it.
template <class P, bool kNetwork, bool kExpert = false>
class Predictor {
  static_assert(kNetwork || !kExpert);
  friend class Warming<P, kNetwork, kExpert>;
  static constexpr int kMatches = int(std::size(P::kMatchMin));

 public:
  struct Lane : LaneState {
    MatchState match[kMatches];
    uint64_t context[P::kContexts];
    std::array<uint64_t, P::kMaps> map_context;
    std::unique_ptr<SampleState> numbers;  // once the lane was in a segment of samples, for sets that predict them
  };

  // few_data: what comes can fill but a small part of the tables.
  Predictor(int table_log2, bool few_data)
      : table_(table_log2, few_data),
        small_pages_(few_data),
        pages_(sizeof(Model)),
        model_(*pages_.as<Model>()),
        mixer_(model_.weights) {
    make_match_models(match_log2(table_log2, 0));
    std::fill_n(says_, kHistories, 1);
    for (auto& map : model_.history_map)
      for (int s = 0; s < 256; ++s) map[s].set(kTables.history_prior[s]);
    // What came true n times in a row, or followed a longer match, is trusted the more from the start.
    for (auto& map : model_.run_map)
      for (int n = 0; n < kRunContexts; ++n) map[n].set(uint32_t(65535 - 32768 / (n / 8 + 1)));
    for (auto& map : model_.match_map)
      for (int n = 0; n < kMatchContexts; ++n) map[n].set(uint32_t(65535 - 32768 / (n + 1)));
    for (auto& row : model_.weights.row) set_initial_weights(row);
    for (auto& map : model_.apm)
      for (ApmContext& context : map) context.reset();
    for (auto& map : model_.expert_apm)
      for (ApmContext& context : map) context.reset();
  }

  // Gives match models that are still empty room for a reference of so many bytes.
  void expect_reference(uint64_t size) { make_match_models(match_log2(table_.log2_bytes(), size)); }

  // Bytes of memory beside the hash table, with a reference of so many bytes.
  static constexpr uint64_t model_memory(int table_log2, uint64_t reference) {
    return sizeof(Model) + sizeof(Predictor) + kMatches * (uint64_t(4) << match_log2(table_log2, reference));
  }

  // And of each lane's.
  static constexpr uint64_t lane_memory() { return sizeof(Lane) + P::kSampleMaps * sizeof(SampleState); }

  // Bytes of a trained state to start from.
  size_t start_size() {
    StartMeter meter;
    each(meter);
    return meter.bytes;
  }
  void read_start(std::span<const uint8_t> start) {
    StartReader reader(start);
    each(reader);
    if constexpr (kExpert) start_expert();
  }
  std::vector<uint8_t> write_start() {
    for (int k = 0; k < P::kSets; ++k) mixer_.fill_unselected(int(first_row(k)), int(kSelectors[k]));
    if constexpr (kNetwork) {
      mixer_.fill_unselected(int(kNetworkRow), int(kNetworkSelectors[0]));
      mixer_.fill_unselected(int(kNetworkRow + kNetworkSelectors[0]), int(kNetworkSelectors[1]));
    }
    StartWriter writer;
    each(writer);
    return writer.bytes;
  }

  // Computes the contexts of a lane's next byte and asks for their lines.
  void prepare(Lane& lane, const uint8_t* history) {
    if (lane.position != lane.begin) {
      uint16_t& followers = model_.followers[lane.last8 >> 8 & 0xffff];
      followers = uint16_t(followers << 8 | lane.last(1));
    }
    find_contexts(lane, history);
    for (uint64_t context : lane.context) table_.prefetch(nibble_key(context, 0));
    if constexpr (P::kMaps > 0) {
      contexts::map_contexts(lane, lane.context, lane.map_context.data());
      for (int i = 0; i < P::kMaps; ++i) __builtin_prefetch(map_line(i, nibble_key(lane.map_context[i], 0)));
    }
  }

  // Takes the byte just pushed into the lane's matches.
  void advance_matches(Lane& lane, const uint8_t* history, const LaneCut& cut, uint32_t round, uint32_t index) {
    for (int i = 0; i < kMatches; ++i)
      match_model_[i]->advance(lane.match[i], history, cut, lane.position, lane.begin, round, index, lane.last8,
                               lane.older8);
    lane.expected = lane.matched = 0;
    for (int i = kMatches - 1; i >= 0 && !lane.expected; --i)
      if (const Follow& f = lane.match[i].first; f.length)
        lane.expected = 256u | history[f.at], lane.matched = length_bucket(f.length);
  }

  // trees: the network's distribution of the byte and the expert's; unused without them.
  void begin_byte(Lane& lane, const uint8_t* history, const ByteTree* trees) {
    lane_ = &lane;
    tree_ = trees;
    byte_ = 1;
    bit_ = 0;
    numbers_ = P::kSampleMaps && lane.kind == kSamples ? lane.numbers.get() : nullptr;
    expected_ = numbers_ ? numbers_->expected() : 0;
    const uint32_t bases[] = {(numbers_ ? expected_ : lane.last(1)) * 256u,
                              uint32_t(mix(204, lane.last_bytes(3)) >> 48),
                              uint32_t(mix(205, lane.word + lane.last(1)) >> 48)};
    for (int i = 0; i < P::kApms; ++i) {
      apm_base_[i] = bases[i];
      __builtin_prefetch(&apm(i, 1));
    }
    for (int i = 0; i < kMatches; ++i) {
      const Follow& f = lane.match[i].first;
      match_[i].expected = f.length ? 256u | history[f.at] : 0;
      match_[i].bucket = f.length ? length_bucket(f.length) : 0;
    }
    if (lane.kind == kBilevel) pixels_.enter(lane, history);
    find_slots(0);
    for (Run& run : run_) {
      const uint32_t n = *run.slot.run_count;
      run.expected = n ? 256u | *run.slot.run_byte : 0;
      run.bucket = n < 8 ? n : n < 16 ? 8 : n < 32 ? 9 : n < 255 ? 10 : 11;
    }
  }

  // Probability of a 1 in 2^-32, within [2^-22, 1 - 2^-22].
  uint32_t predict() {
    int16_t* input = mixer_.inputs();
    for (int i = 0; i < kHistories; ++i) {
      const uint8_t state = history_at_[i][node_];
      bits_[i] = &model_.history_map[i][state];
      const int16_t* opinion = kTables.opinion[bits_[i]->p12()];
      input[0] = opinion[0];
      if constexpr (P::kOpinions > 1) input[1] = int16_t(opinion[0] & kTables.pure[state]);
      if constexpr (P::kOpinions > 2) input[2] = opinion[1];
      input += P::kOpinions;
    }
    if constexpr (P::kSampleMaps)
      if (numbers_) input = predict_number(input);
    for (int i = first_run(); i < P::kRuns; ++i) {
      const Run& run = run_[i];
      const uint32_t alive = run.expected >> (8 - bit_) == byte_;
      const int y = int(run.expected >> (7 - bit_) & 1);
      AdaptiveBit& bit = model_.run_map[i][alive * (run.bucket * 8 + bit_)];  // context 0: no prediction
      *input++ = signed_by(y, kTables.stretch[bit.p12()] & -int(alive));
      bits_[kHistories + i] = &bit;
      says_[kHistories + i] = y;
    }
    for (int i = 0; i < kMatches; ++i) {
      Match& match = match_[i];
      const uint32_t alive = match.expected >> (8 - bit_) == byte_;
      const int y = int(match.expected >> (7 - bit_) & 1);
      match.bucket *= alive;
      AdaptiveBit& bit = model_.match_map[i][match.bucket * 2 + y * alive];
      *input++ = signed_by(y, kTables.stretch[bit.p12()] & -int(alive));
      *input++ = signed_by(y, (bit.p12() - 2048) & -int(alive));
      bits_[kHistories + P::kRuns + i] = &bit;
      says_[kHistories + P::kRuns + i] = y;
    }
    if constexpr (kNetwork) {
      const int opinion = tree_->stretched(byte_);
      *input++ = int16_t(opinion);
      *input++ = int16_t((squash16(opinion) - 32768) >> 6);
      network_bucket_ = uint32_t(opinion + 2048) >> 7;
    }
    for (int i = 0; i < P::kMaps; ++i) {
      map_bit_[i] = map_bit(i);
      std::memcpy(input, kTables.opinion[map_bit_[i]->p12()], 4);
      input += 2;
    }
    *input++ = kStretchOne;
    if constexpr (kExpert) {
      const int opinion = tree_[1].stretched(byte_);
      *input++ = int16_t(opinion);
      *input++ = int16_t((squash16(opinion) - 32768) >> 6);
      expert_bucket_ = uint32_t(opinion + 2048) >> 7;
    }
    select_sets();
    const int mixed = mixer_.mix();
    uint64_t p = squash32(mixed);
    uint64_t refined[P::kApms];
    for (int i = 0; i < P::kApms; ++i) refined[i] = cursor_[i].refine(apm(i, byte_), mixed);
    if constexpr (P::kApms == 1) p = (p + refined[0]) >> 1;
    if constexpr (P::kApms == 2) p = (p + refined[0] + 2 * refined[1]) >> 2;
    if constexpr (P::kApms == 3) p = (2 * p + refined[0] + 3 * refined[1] + 2 * refined[2]) >> 3;
    if constexpr (kExpert)
      p = (3 * p + expert_cursor_.refine(model_.expert_apm[0][expert_bucket_ * 32 + network_bucket_], mixed)) >> 2;
    constexpr uint32_t kFloor = 1u << 10;
    return p < kFloor ? kFloor : p > ~kFloor ? ~kFloor : uint32_t(p);
  }

  void update(int y) {
    alignas(32) int32_t outcome[std::max(kBits, P::kMaps) + 7] = {};
    for (int i = 0; i < kBits; ++i) outcome[i] = y == says_[i];
    AdaptiveBit::update<kBits>(bits_, outcome, kBitLimit);
    if constexpr (P::kMaps > 0) {
      std::fill_n(outcome, P::kMaps, y);
      AdaptiveBit::update<P::kMaps>(map_bit_.data(), outcome, kMapLimit);
    }
    for (uint8_t* history : history_at_) {
      uint8_t& state = history[node_];
      state = kTables.history[state].next[y];
    }
    mixer_.update(y);
    for (ApmCursor& cursor : cursor_) cursor.update(y, 6);
    if constexpr (kExpert) expert_cursor_.update(y, 6);
    byte_ = byte_ << 1 | uint32_t(y);
    node_ = node_ << 1 | uint32_t(y);
    if (lane_->kind == kBilevel) pixels_.push(y);
    for (int i = 0; i < P::kApms; ++i) {
      // The two contexts that the next bit may lead to lie side by side.
      __builtin_prefetch(&apm(i, (byte_ & 127) * 2));
      __builtin_prefetch(&apm(i, (byte_ & 127) * 2 + 1));
    }
    if (++bit_ == 3) {
      for (uint64_t context : lane_->context) {
        table_.prefetch(nibble_key(context, byte_ * 2));
        table_.prefetch(nibble_key(context, byte_ * 2 + 1));
      }
      for (int i = 0; i < P::kMaps; ++i) {
        __builtin_prefetch(map_line(i, nibble_key(lane_->map_context[i], byte_ * 2)));
        __builtin_prefetch(map_line(i, nibble_key(lane_->map_context[i], byte_ * 2 + 1)));
      }
    } else if (bit_ == 4) {
      find_slots(byte_);
    }
  }

  void end_byte() {
    const uint8_t c = uint8_t(byte_);
    for (Run& run : run_) run.slot.count_run(c);
  }

 private:
  static constexpr int kDirect = 2;  // orders 0 and 1 have tables of their own
  static constexpr int kHistories = P::kContexts + kDirect;
  static constexpr int kTrainedInputs =
      P::kOpinions * kHistories + P::kRuns + 2 * kMatches + 2 * kNetwork + 2 * P::kMaps + 1;
  static constexpr int kTrainedSets = P::kSets + 2 * kNetwork;
  static constexpr int kInputs = kTrainedInputs + 2 * kExpert, kSets = kTrainedSets + kExpert;
  static constexpr uint32_t kHits = P::kContexts + 1;  // values of hits_
  static constexpr int kGroup = 17 * 16;               // a direct context: 1 + 16 nibbles of 16 histories
  static constexpr int kRunContexts = 12 * 8, kMatchContexts = 16 * 2;
  static constexpr int kBits = kHistories + P::kRuns + kMatches;
  static constexpr uint32_t kBitLimit = 1023, kMapLimit = 255;
  static constexpr int kMapLog2 = 18;  // lines of a map, of 16 nodes each

  // The selectable weight sets: rows of one table, the sets of each selector behind those of the one before.
  static constexpr uint32_t kSelectors[13] = {16 * kHits,     256,  kModels * 256,    8 * kHits, kModels * 256,
                                              2 * 256 + 1024, 256,  16 * 8 * kModels, 512,       256 * 8,
                                              16 * 16 * 8,    2048, 2 * 256};
  static constexpr uint32_t first_row(int k) {
    uint32_t row = 0;
    for (int i = 0; i < k; ++i) row += kSelectors[i];
    return row;
  }
  static constexpr uint32_t kNetworkRow = first_row(P::kSets), kNetworkSelectors[2] = {32 * 16, 256};
  static constexpr uint32_t kTrainedRows = kNetworkRow + kNetwork * (kNetworkSelectors[0] + kNetworkSelectors[1]);
  static constexpr uint32_t kExpertSelector = 256 * 4, kRows = kTrainedRows + kExpert * kExpertSelector;
  // And of the final sets.
  static constexpr int kFinals = 4;
  static constexpr uint32_t kFinalSelectors[kFinals] = {256, 128 + kHits + 32, 16 * kHits, 16 * 8};
  static constexpr uint32_t first_final(int j) {
    uint32_t row = 0;
    for (int i = 0; i < j; ++i) row += kFinalSelectors[i];
    return row;
  }
  static constexpr uint32_t kFinalRows = first_final(kFinals);
  using Mix = Mixer<kInputs, kSets, int(kRows), kFinals, int(kFinalRows)>;

  struct Model {
    typename Mix::Weights weights;
    ApmContext apm[P::kApms][65536];
    std::array<ApmContext[32 * 32], kExpert> expert_apm;  // by its opinion and the network's
    AdaptiveBit history_map[kHistories][256];
    std::array<AdaptiveBit[kRunContexts], P::kRuns> run_map;
    AdaptiveBit match_map[kMatches][kMatchContexts];
    AdaptiveBit sample_map[P::kSampleMaps ? SampleBit::kMaps : 1][P::kSampleMaps ? SampleBit::kContexts : 1];
    uint8_t direct[257][kGroup];
    uint16_t followers[65536];  // by two bytes: the last two bytes that came after them
    alignas(64) std::array<AdaptiveBit[size_t(1) << kMapLog2][16], P::kMaps> map;
  };

  // What a start holds: all that adapts and is not a count of one file's contexts.
  template <class Visitor>
  void each(Visitor& visitor) {
    mixer_.each(visitor, kTrainedInputs, int(kTrainedRows), kTrainedSets);
    for (auto& map : model_.history_map)
      for (AdaptiveBit& b : map) visitor.bit(b);
    for (auto& map : model_.run_map)
      for (AdaptiveBit& b : map) visitor.bit(b);
    for (auto& map : model_.match_map)
      for (AdaptiveBit& b : map) visitor.bit(b);
  }

  void find_contexts(Lane& lane, const uint8_t* history) {
    if constexpr (P::kSampleMaps) {
      if (lane.kind == kSamples) {
        if (!lane.numbers) lane.numbers = std::make_unique<SampleState>();
        if (lane.numbers->segment() != lane.segment) lane.numbers->enter(lane);
        lane.numbers->advance(lane, history);
        contexts::general_contexts(lane, lane.context);
        return sample_contexts(*lane.numbers, lane, lane.context);
      }
    }
    P::contexts(lane, history, model_.followers, lane.context);
  }

  struct Run {
    NibbleSlot slot;
    uint32_t expected, bucket;  // the byte with a leading 1, 0 for none; class of its count
  };
  struct Match {
    uint32_t expected, bucket;
  };

  // A place for every other position of a reference: of a long match that is enough to find it within a few bytes.
  static constexpr int match_log2(int table_log2, uint64_t reference) {
    return std::max({10, table_log2 - P::kMatchShare, int(std::bit_width(reference)) - 1});
  }

  void make_match_models(int log2_entries) {
    for (int i = 0; i < kMatches; ++i)
      match_model_[i] = std::make_unique<MatchModel>(P::kMatchMin[i], log2_entries, small_pages_);
  }

  static int16_t signed_by(int y, int x) { return int16_t(y ? x : -x); }

  static uint32_t length_bucket(uint32_t n) {
    if (n < 32) return n < 8 ? 1 + n / 4 : n < 16 ? 3 + (n - 8) / 3 : n < 24 ? 6 : 7;
    uint32_t bucket = 8;  // then by doublings: 32, 64, ...
    while (n >= 64 && bucket < 15) n >>= 1, ++bucket;
    return bucket;
  }

  static void set_initial_weights(int32_t* w) {
    for (int i = 0; i < kHistories; ++i) w[P::kOpinions * i] = Mix::kOne / 256 * P::kInitialWeight;
    w += P::kOpinions * kHistories;
    for (int i = 0; i < P::kRuns; ++i) w[i] = Mix::kOne / 16;
    w += P::kRuns;
    for (int i = 0; i < kMatches; ++i) w[2 * i] = Mix::kOne / 4;
    if constexpr (kNetwork) w[2 * kMatches] = Mix::kOne / 2;
  }

  // The expert begins with three eighths of the weights that the network was trained to have, and the rows that its
  // most likely byte selects with a copy of the network's, and a half of these rows' part in the final weights.
  void start_expert() {
    constexpr int kFrom = P::kOpinions * kHistories + P::kRuns + 2 * kMatches;  // the network's first input
    for (uint32_t r = 0; r < kTrainedRows; ++r) {
      int32_t* row = model_.weights.row[r];
      for (int i = 0; i < 2; ++i) {
        row[kTrainedInputs + i] = row[kFrom + i] / 8 * 3;
        row[kFrom + i] -= row[kTrainedInputs + i];
      }
    }
    for (uint32_t i = 0; i < kExpertSelector; ++i) {
      const uint32_t from = kNetworkRow + kNetworkSelectors[0] + i / 4, to = kTrainedRows + i;
      std::ranges::copy(model_.weights.row[from], model_.weights.row[to]);
      model_.weights.rate[to] = model_.weights.rate[from];
    }
    for (auto& set : model_.weights.final_row) {
      set[kTrainedSets] = set[kTrainedSets - 1] / 2;
      set[kTrainedSets - 1] -= set[kTrainedSets];
    }
  }

  // Finds the slots of the nibble that starts now; part as in nibble_key.
  void find_slots(uint32_t part) {
    const uint32_t nibble = part ? part - 15 : 0;
    node_ = 1;
    hits_ = 0;
    history_at_[0] = model_.direct[256] + nibble * 16;
    history_at_[1] = model_.direct[lane_->last(1)] + nibble * 16;
    for (int i = 0; i < P::kContexts; ++i) {
      const NibbleSlot slot = table_.find(nibble_key(lane_->context[i], part));
      history_at_[kDirect + i] = slot.history - 1;
      hits_ += slot.history[0] != 0;
      if (part == 0 && i < P::kRuns) run_[i].slot = slot;
    }
    for (int i = 0; i < P::kMaps; ++i) map_at_[i] = map_line(i, nibble_key(lane_->map_context[i], part));
  }

  AdaptiveBit* map_line(int i, uint64_t key) { return model_.map[i][key >> (64 - kMapLog2)]; }

  // In a raster the maps have contexts of pixels.
  static_assert(P::kMaps == 0 || (P::kMaps == Pixels::kContexts && kMapLog2 + 4 == Pixels::kContextLog2));
  AdaptiveBit* map_bit(int i) {
    if (lane_->kind == kBilevel) return &model_.map[i][0][0] + pixels_.context(i);
    return &map_at_[i][node_];
  }

  // The context of the bits so far.
  ApmContext& apm(int i, uint32_t bits) { return model_.apm[i][(apm_base_[i] + bits) & 65535]; }

  // In an array of numbers the maps of their predictions take the place of the contexts' runs.
  static_assert(!P::kSampleMaps || P::kRuns >= SampleBit::kMaps);
  int first_run() const { return numbers_ ? SampleBit::kMaps : 0; }
  int16_t* predict_number(int16_t* input) {
    const SampleBit bit(*numbers_, byte_, bit_);
    for (int i = 0; i < SampleBit::kMaps; ++i) {
      AdaptiveBit& map = model_.sample_map[i][bit.context(i)];
      *input++ = kTables.stretch[map.p12()];
      bits_[kHistories + i] = &map;
      says_[kHistories + i] = 1;
    }
    return input;
  }

  void select_sets() {
    const uint32_t kind = lane_->kind, model = lane_->model;
    const uint32_t column = lane_->column < 1023 ? lane_->column : 1023;
    const bool bilevel = kind == kBilevel, code = kind == kExecutable;
    uint32_t selected[] = {
        match_[0].bucket * kHits + hits_,
        byte_,
        model * 256 + (bilevel ? pixels_.above(1, 5) << 3 | pixels_.own(3)
                       : code  ? lane_->code_place()
                               : lane_->last(1)),
        bit_ * kHits + hits_,
        model * 256 + (bilevel ? pixels_.above(2, 5) << 3 | pixels_.above(1, 3)
                       : code  ? lane_->code_field() * 8 + bit_
                               : lane_->last(2)),
        kind == kText ? (lane_->word ? 256u : 0u) + lane_->last(3) : 512 + (code ? lane_->code_opcode() : column),
        code ? lane_->code_before() : uint32_t(lane_->classes & 255),
        (match_[kMatches - 1].bucket * 8 + bit_) * kModels + model,
        lane_->expected,
        uint32_t(lane_->classes & 0xff) << 3 | bit_,
        std::min(lane_->word_length, 15u) << 7 | uint32_t(lane_->classes >> 4 & 15) << 3 | bit_,
        uint32_t(mix(206, lane_->last_bytes(2)) >> 53),
        (lane_->word ? 256u : 0u) + uint32_t(line_column(*lane_)),
    };
    if constexpr (P::kSampleMaps) {
      if (numbers_) {
        const SampleBit bit(*numbers_, byte_, bit_);
        const uint32_t scale = numbers_->scale / 4, rougher = numbers_->roughness > numbers_->scale;
        selected[1] = (numbers_->byte & 3) * 64 + bit.side() * 2 + rougher;
        selected[2] = model * 256 + (scale < 31 ? scale : 31) * 8 + bit_;
        selected[4] = model * 256 + expected_;
        selected[5] = 512 + bit.half() * 32 + bit.side();
        selected[6] = (numbers_->channel & 3) * 64 + numbers_->difference() * 8 + bit_;
      }
    }
    for (int k = 0; k < P::kSets; ++k) mixer_.select(k, first_row(k) + selected[k]);
    if constexpr (kNetwork) {
      mixer_.select(P::kSets, kNetworkRow + network_bucket_ * 16 + match_[0].bucket);
      mixer_.select(P::kSets + 1, kNetworkRow + kNetworkSelectors[0] + tree_->top());
    }
    if constexpr (kExpert) {
      const uint32_t top = tree_[1].top(), agrees = top == tree_->top(), alive = (256 + top) >> (8 - bit_) == byte_;
      mixer_.select(kTrainedSets, kTrainedRows + top * 4 + agrees * 2 + alive);
    }
    // In text the last byte's class, in machine code the field, else the confidence.
    const uint32_t shape = kind == kText ? uint32_t(lane_->classes & 15) << 3 | bit_
                           : code        ? 128 + kHits + lane_->code_field()
                                         : 128 + hits_;
    const uint32_t finals[] = {byte_, shape, hits_ * 16 + match_[0].bucket,
                               std::min(lane_->word_length, 15u) << 3 | bit_};
    for (int j = 0; j < kFinals; ++j) mixer_.select_final(j, first_final(j) + finals[j]);
  }

  NibbleTable table_;
  bool small_pages_;
  ZeroedPages pages_;
  Model& model_;
  Mix mixer_;
  std::unique_ptr<MatchModel> match_model_[kMatches];
  uint8_t* history_at_[kHistories];  // this nibble's histories, indexed by node
  AdaptiveBit* bits_[kBits];         // what gave an opinion of the next bit: of histories, runs (or numbers), matches
  int32_t says_[kBits];              // and of which value each is the probability
  std::array<Run, P::kRuns> run_;
  Match match_[kMatches];
  ApmCursor cursor_[P::kApms], expert_cursor_;
  std::array<AdaptiveBit*, P::kMaps> map_at_;  // this nibble's lines of the maps, indexed by node
  std::array<AdaptiveBit*, P::kMaps> map_bit_;
  const SampleState* numbers_;  // of the lane in an array of numbers, else null
  uint32_t expected_;           // the next byte by their best prediction
  Lane* lane_;
  const ByteTree* tree_;        // the network's, and behind it the expert's
  uint32_t network_bucket_;     // of the network's opinion of the next bit
  uint32_t expert_bucket_;      // and of the expert's
  uint32_t byte_, bit_, node_;  // the byte's bits with a leading 1, their number, the nibble's with a leading 1
  uint32_t hits_;               // contexts of this nibble that were seen before
  uint32_t apm_base_[P::kApms];
  Pixels pixels_;  // of a bilevel raster
};

}  // namespace nzip::engine1::NZIP_ISA
