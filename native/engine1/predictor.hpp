// The predictor: the opinions that its parts have of the next bit, mixed in two layers and refined by adaptive maps
// (the structure is PAQ8's and lpaq's: indirect bit histories, gated logistic mixing, SSE).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/memory.hpp"
#include "engine1/mixer.hpp"
#include "engine1/parts/histories.hpp"
#include "engine1/parts/language_model.hpp"
#include "engine1/parts/learner.hpp"
#include "engine1/parts/matches.hpp"
#include "engine1/parts/network.hpp"
#include "engine1/parts/part.hpp"
#include "engine1/parts/situation.hpp"
#include "engine1/start.hpp"

namespace nzip::engine1::NZIP_ISA {

// How much of what the parts have, and where each one's begins.
template <class... Parts>
struct Layout {
  static constexpr size_t kParts = sizeof...(Parts);
  static constexpr int kInputs = (0 + ... + Parts::kInputs), kBits = (0 + ... + Parts::kBits);
  static constexpr int kSelectors = (0 + ... + int(Parts::kSelectors.size()));
  static constexpr int kExperts = (0 + ... + int(Parts::kExpert));

  static constexpr std::array<uint32_t, size_t(kSelectors) + 1> kRowOf = [] {  // each selector's first weight set
    std::array<uint32_t, size_t(kSelectors) + 1> rows{};
    size_t k = 0;
    const auto add = [&](const auto& selectors) {
      for (const uint32_t count : selectors) rows[k + 1] = rows[k] + count, ++k;
    };
    (add(Parts::kSelectors), ...);
    return rows;
  }();
  static constexpr uint32_t kRows = kRowOf[size_t(kSelectors)];

  // Of the first `count` parts.
  static constexpr int sum(std::array<int, kParts> numbers, size_t count) {
    int total = 0;
    for (size_t i = 0; i < count; ++i) total += numbers[i];
    return total;
  }
  static constexpr int inputs(size_t count) { return sum({Parts::kInputs...}, count); }
  static constexpr int bits(size_t count) { return sum({Parts::kBits...}, count); }
  static constexpr int selectors(size_t count) { return sum({int(Parts::kSelectors.size())...}, count); }
  static constexpr size_t kTrained = (size_t(0) + ... + size_t(Parts::kTrained));  // parts: the first ones

  template <class P>
  static constexpr size_t index_of() {
    constexpr bool is[] = {std::is_same_v<P, Parts>...};
    return size_t(std::find(is, is + kParts, true) - is);
  }
  template <class P>
  static constexpr bool has() {
    return index_of<P>() < kParts;
  }
  template <class P>
  static constexpr Places places() {
    constexpr size_t kIndex = index_of<P>();
    return {inputs(kIndex), kRowOf[size_t(selectors(kIndex))], selectors(kIndex)};
  }
};

// What a predictor of these parts mixes with, and the memory that is zero at first.
template <class Selecting, class... Parts>
struct Mixing {
  using All = Layout<Parts...>;
  static constexpr int kFinals = int(Selecting::kFinalSelectors.size());
  static constexpr std::array<uint32_t, kFinals + 1> kFinalRowOf = [] {
    std::array<uint32_t, kFinals + 1> rows{};
    for (size_t j = 0; j < kFinals; ++j) rows[j + 1] = rows[j] + Selecting::kFinalSelectors[j];
    return rows;
  }();
  using Mix = Mixer<All::kInputs, All::kSelectors, int(All::kRows), kFinals, int(kFinalRowOf[kFinals])>;

  struct Model : Parts::Model... {
    typename Mix::Weights weights;
  };
  struct Pages {
    ZeroedPages pages{sizeof(Model)};
    Model& tables = *pages.as<Model>();
  };
};

// Situation and Histories are among the parts, and those that starts know come first.
template <class ComponentSet, template <class> class... Parts>
class Predictor : Mixing<Situation<ComponentSet>, Parts<ComponentSet>...>::Pages, Parts<ComponentSet>... {
  template <class P>
  friend class Warming;
  using Mixed = Mixing<Situation<ComponentSet>, Parts<ComponentSet>...>;
  using All = typename Mixed::All;
  using Model = typename Mixed::Model;

 public:
  using Set = ComponentSet;
  struct Lane : LaneState, Parts<Set>::Lane... {};
  static constexpr int kExperts = All::kExperts;  // whose distributions it reads
  // And in a reference, about which no language model is asked.
  static constexpr int kReferenceExperts = kExperts - int(All::template has<LanguageModel<Set>>());

  // few_data: what comes can fill but a small part of the tables.
  Predictor(int table_log2, bool few_data)
      : Parts<Set>(this->tables, table_log2, few_data)..., mixer_(this->tables.weights) {
    std::ranges::fill(says_, 1);
    for (auto& row : this->tables.weights.row)
      each_part([&]<size_t I>(auto& part) { part.set_initial_weights(row + All::inputs(I)); });
  }

  // Gives match models that are still empty room for a reference of `size` bytes.
  void expect_reference(uint64_t size) {
    if constexpr (All::template has<Matches<Set>>()) Matches<Set>::expect_reference(size);
  }

  // Bytes of memory beside the hash table, with a reference of `reference` bytes.
  static constexpr uint64_t model_memory(int table_log2, uint64_t reference) {
    return sizeof(Model) + sizeof(Predictor) + (uint64_t(0) + ... + Parts<Set>::memory(table_log2, reference));
  }
  // And of each lane's.
  static constexpr uint64_t lane_memory() { return sizeof(Lane) + (uint64_t(0) + ... + Parts<Set>::lane_memory()); }

  // Of a trained state: bytes to start from, and values while it is trained.
  StartMeter start_sizes() {
    StartMeter meter;
    each(meter);
    return meter;
  }
  void read_start(std::span<const uint8_t> start) {
    StartReader reader(start);
    each(reader);
    begin_like<LanguageModel<Set>, Network<Set>>();
    begin_like<LearnerBeside<Set>, Network<Set>>();
    begin_like<Learner<Set>, Situation<Set>>();
  }
  std::vector<uint8_t> write_start() { return written<StartWriter>(); }

  // The same while it is trained.
  void read_state(std::span<const int32_t> state) {
    StateReader reader(state);
    each(reader);
  }
  std::vector<int32_t> write_state() { return written<StateWriter>(); }

  // Computes the contexts of a lane's next byte and asks for their lines.
  void prepare(Lane& lane, const uint8_t* history) {
    each_part([&]<size_t I>(auto& part) { part.prepare(lane, history); });
  }

  // Takes the byte just pushed into the lane's matches.
  void follow_matches(Lane& lane, const uint8_t* history, const LaneCut& cut, uint32_t round, uint32_t index) {
    if constexpr (All::template has<Matches<Set>>()) Matches<Set>::follow(lane, history, cut, round, index);
  }

  // trees: each expert's distribution of the byte.
  void begin_byte(Lane& lane, const uint8_t* history, const ByteTree* trees) {
    now_.lane = &lane;
    now_.trees = trees;
    now_.byte = 1;
    now_.bit = 0;
    now_.numbers = numbers_of(lane);
    now_.expected_number = now_.numbers ? now_.numbers->expected() : 0;
    each_part([&]<size_t I>(auto& part) { part.begin_byte(now_, lane, history); });
  }

  // Probability of a 1 in 2^-32, within [2^-22, 1 - 2^-22].
  uint32_t predict() {
    each_part([&]<size_t I>(auto& part) {
      part.give_inputs(now_, mixer_.inputs() + All::inputs(I), bits_ + All::bits(I), says_ + All::bits(I));
    });
    each_part([&]<size_t I>(auto& part) {
      constexpr int kFirst = All::selectors(I);
      part.select(now_, [&](int k, uint32_t set) { mixer_.select(kFirst + k, All::kRowOf[size_t(kFirst + k)] + set); });
    });
    Situation<Set>::select_finals(
        now_, [&](int j, uint32_t set) { mixer_.select_final(j, Mixed::kFinalRowOf[size_t(j)] + set); });
    const int mixed = mixer_.mix();
    uint64_t p = squash32(mixed);
    each_part([&]<size_t I>(auto& part) { p = part.refine(now_, mixed, p); });
    constexpr uint32_t kFloor = 1u << 10;
    return p < kFloor ? kFloor : p > ~kFloor ? ~kFloor : uint32_t(p);
  }

  [[gnu::always_inline]] void update(int y) {
    alignas(32) int32_t outcome[(All::kBits + 7) / 8 * 8] = {};
    for (int i = 0; i < All::kBits; ++i) outcome[i] = y == says_[i];
    AdaptiveBit::update<All::kBits>(bits_, outcome, kBitLimit);
    each_part([&]<size_t I>(auto& part) { part.update(now_, y); });
    mixer_.update(y);
    now_.byte = now_.byte << 1 | uint32_t(y);
    now_.node = now_.node << 1 | uint32_t(y);
    ++now_.bit;
    each_part([&]<size_t I>(auto& part) { part.advance(now_, y); });
  }

  void end_byte() {
    each_part([&]<size_t I>(auto& part) { part.end_byte(uint8_t(now_.byte)); });
  }

 private:
  // A part that starts do not know begins with what they say of another one.
  template <class Own, class Other>
  void begin_like() {
    if constexpr (All::template has<Own>())
      Own::template start<Other>(this->tables.weights, All::template places<Own>(), All::template places<Other>());
  }

  static constexpr uint32_t kBitLimit = 1023;
  static constexpr int kTrainedSelectors = All::selectors(All::kTrained);

  // Calls f<number>(part) for each part.
  template <class F>
  [[gnu::always_inline]] void each_part(F f) {
    [&]<size_t... I>(std::index_sequence<I...>) {
      (f.template operator()<I>(static_cast<Parts<Set>&>(*this)), ...);
    }(std::index_sequence_for<Parts<Set>...>());
  }

  template <class Writer>
  auto written() {
    for (int k = 0; k < kTrainedSelectors; ++k)
      mixer_.fill_unselected(int(All::kRowOf[size_t(k)]), int(All::kRowOf[size_t(k) + 1] - All::kRowOf[size_t(k)]));
    Writer writer;
    each(writer);
    return writer.written;
  }

  // What a start holds: all that adapts and is not a count of one file's contexts.
  template <class Visitor>
  void each(Visitor& visitor) {
    mixer_.each(visitor, All::inputs(All::kTrained), int(All::kRowOf[size_t(kTrainedSelectors)]), kTrainedSelectors);
    each_part([&]<size_t I>(auto& part) { part.each(visitor); });
  }

  typename Mixed::Mix mixer_;
  Moment now_;
  AdaptiveBit* bits_[All::kBits];         // what gave an opinion of the next bit
  alignas(32) int32_t says_[All::kBits];  // and of which value each is the probability
};

}  // namespace nzip::engine1::NZIP_ISA
