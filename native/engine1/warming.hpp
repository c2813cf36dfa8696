// Warming: the tables learn from a prime, a text that is known before a run, as coding it would teach them, but nothing
// is predicted; and snapshots of what they learned. docs/format/engine1.md specifies both.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <span>
#include <stdexcept>

#include "base/byte_order.hpp"
#include "base/stop.hpp"
#include "engine1/component_sets.hpp"
#include "engine1/identity.hpp"
#include "engine1/predictor.hpp"

namespace nzip::engine1::NZIP_ISA {

// The contexts of text that a prime warms, by number.
template <class Set>
inline constexpr auto kWarmedContexts = contexts::warmed_places<contexts::count_warmed(Set::kForText)>(Set::kForText);

template <class Predictor>
class Warming {
  using Set = typename Predictor::Set;
  using Model = typename Histories<Set>::Model;
  using Lane = typename Predictor::Lane;

  static constexpr auto& kPlaces = kWarmedContexts<Set>;
  static constexpr size_t kWarmed = kPlaces.size();
  static constexpr size_t kWarmedRuns = [] {  // how many of them have a run: the first ones
    size_t n = 0;
    while (n < kWarmed && kPlaces[n] < kRuns<Set>) ++n;
    return n;
  }();
  static constexpr size_t kHeader = 64;
  static constexpr size_t kFollowersAt = kHeader, kDirectAt = kFollowersAt + sizeof Model::followers;
  static constexpr size_t kTableAt = (kDirectAt + sizeof Model::direct + 63) / 64 * 64;
  static_assert(kTableAt <= kSnapshotHead);

 public:
  explicit Warming(Predictor& predictor)
      : predictor_(predictor), table_(histories(predictor).table), model_(histories(predictor).model()) {}

  static constexpr size_t snapshot_size() { return kTableAt + (size_t(1) << kSnapshotLog2); }

  // A byte 00 ends a piece of the prime; each piece is text in a lane of its own.
  void learn(std::span<const uint8_t> prime, const Stop& stop) {
    for (size_t begin = 0; begin < prime.size();) {
      const size_t end = size_t(std::find(prime.begin() + ptrdiff_t(begin), prime.end(), 0) - prime.begin());
      learn_piece(prime.data(), uint32_t(begin), uint32_t(end), stop);
      begin = end + 1;
    }
  }

  void save(uint8_t* snapshot) const {
    std::memset(snapshot, 0, kTableAt);
    std::ranges::copy(header(), snapshot);
    std::memcpy(snapshot + kFollowersAt, model_.followers, sizeof model_.followers);
    to_little_endian(snapshot + kFollowersAt, sizeof model_.followers, 2);
    std::memcpy(snapshot + kDirectAt, model_.direct, sizeof model_.direct);
    table_.save(snapshot + kTableAt);
  }

  void restore(uint64_t at, std::span<const uint8_t> part) {
    if (at == 0) {
      if (part.size() < kTableAt || !std::ranges::equal(header(), part.first(kHeader)))
        throw std::invalid_argument("not a snapshot of this component set");
      std::memcpy(model_.followers, part.data() + kFollowersAt, sizeof model_.followers);
      to_little_endian(model_.followers, sizeof model_.followers, 2);
      std::memcpy(model_.direct, part.data() + kDirectAt, sizeof model_.direct);
      part = part.subspan(kTableAt);
      at = kTableAt;
    }
    table_.restore(size_t(at - kTableAt), part);
  }

 private:
  static Histories<Set>& histories(Predictor& predictor) { return predictor; }

  void learn_piece(const uint8_t* text, uint32_t begin, uint32_t end, const Stop& stop) {
    Lane lane{};
    lane.enter(begin);
    prepare(lane, text, end);
    while (lane.position < end) {
      stop.check();
      std::ranges::copy(lane.context, context_);
      const uint8_t last = lane.last(1), c = text[lane.position];
      lane.push(c);
      prepare(lane, text, end);  // the text is known, so the next byte's lines arrive while this one is learned
      learn_byte(last, c);
    }
  }

  void prepare(Lane& lane, const uint8_t* text, uint32_t end) {
    predictor_.prepare(lane, text);
    if (lane.position == end) return;
    const uint32_t part = 16 + (text[lane.position] >> 4);
    for (int i : kPlaces) table_.prefetch(nibble_key(lane.context[i], part));
  }

  // What coding a byte does to the histories of its contexts, and to their runs.
  void learn_byte(uint8_t last, uint8_t c) {
    NibbleSlot runs[kWarmedRuns + 1];
    for (uint32_t nibble = 0; nibble < 2; ++nibble) {
      const uint32_t part = nibble ? 16 + (c >> 4) : 0, group = nibble ? 1 + (c >> 4) : 0;
      uint8_t* histories[2 + kWarmed] = {model_.direct[256] + group * 16, model_.direct[last] + group * 16};
      for (size_t i = 0; i < kWarmed; ++i) {
        const NibbleSlot slot = table_.template find<true>(nibble_key(context_[kPlaces[i]], part));
        histories[2 + i] = slot.history - 1;
        if (nibble == 0 && i < kWarmedRuns) runs[i] = slot;
      }
      // Contexts may share a slot, so the order matters: bit by bit.
      for (uint32_t bits = 16 | (nibble ? c & 15 : c >> 4), shift = 4; shift-- > 0;) {
        const uint32_t node = bits >> (shift + 1), y = bits >> shift & 1;
        for (uint8_t* history : histories) history[node] = kTables.history[history[node]].next[y];
      }
    }
    for (size_t i = 0; i < kWarmedRuns; ++i) runs[i].count_run(c);
  }

  static std::array<uint8_t, kHeader> header() {
    std::array<uint8_t, kHeader> h{'n', 'z', 'i', 'p', ' ', 's', 'n', 'a', 'p', 's', 'h', 'o', 't', '\n'};
    h[16] = kId;
    h[17] = kRevision;
    h[18] = Set::kId;
    h[19] = kSnapshotLog2;
    return h;
  }

  Predictor& predictor_;
  NibbleTable& table_;
  Model& model_;
  uint64_t context_[kContexts<Set>];  // of the byte that is learned
};

}  // namespace nzip::engine1::NZIP_ISA
