// Match model: follows what came after the longest earlier occurrence of the last bytes (after lpaq and PAQ8).
// Candidates are verified; the second candidate takes over the prediction when the first one fails.
#pragma once

#include <cstdint>

#include "base/hash.hpp"
#include "base/lanes.hpp"
#include "base/memory.hpp"
#include "engine1/adaptive.hpp"

namespace nzip::engine1::NZIP_ISA {

// Where a lane's match stands. length 0: no match.
struct Follow {
  uint32_t at = 0;      // position of the predicted byte
  uint32_t length = 0;  // verified bytes behind it
};

struct MatchState {
  Follow first, second;
  uint32_t* pair = nullptr;  // where the lane's last position belongs; asked for one byte ahead of its use
};

class MatchModel {
 public:
  // min_length: bytes hashed, at most 16, to find a candidate. log2_entries: positions kept, in pairs of the two most
  // recent.
  MatchModel(int min_length, int log2_entries, bool small_pages)
      : min_length_(min_length),
        shift_(64 - (log2_entries - 1)),
        table_((size_t(1) << log2_entries) * 4, small_pages) {}

  // Advances a lane's match by the byte just written at position - 1 and finds a new one where there is none.
  // last8 and older8 hold the lane's last bytes; `lane_begin` bounds what they can be compared with.
  void advance(MatchState& m, const uint8_t* history, const LaneCut& cut, uint32_t position, uint32_t lane_begin,
               uint32_t round, uint32_t lane, uint64_t last8, uint64_t older8) {
    step(m.first, history, uint8_t(last8));
    step(m.second, history, uint8_t(last8));
    if (m.first.length == 0 && m.second.length > 0) m.first = m.second, m.second.length = 0;
    if (m.pair) {
      if (m.first.length == 0) search(m, history, cut, position, lane_begin);
      m.pair[1] = m.pair[0];
      m.pair[0] = position - 1;
    }
    if (position - lane_begin >= uint32_t(min_length_)) {
      m.pair = table_.as<uint32_t>() + (key(last8, older8) * kHashB >> shift_) * 2;
      __builtin_prefetch(m.pair);
    }
    drop_if_uncoded(m.first, cut, round, lane);
    drop_if_uncoded(m.second, cut, round, lane);
  }

 private:
  static constexpr uint32_t kCompareAtMost = 64;

  // Of the last min_length bytes.
  uint64_t key(uint64_t last8, uint64_t older8) const {
    if (min_length_ <= 8) return last8 << (64 - 8 * min_length_);
    return last8 * kHashA + (older8 << (128 - 8 * min_length_));
  }

  static void step(Follow& f, const uint8_t* history, uint8_t byte) {
    if (f.length == 0) return;
    const uint8_t was = history[f.at];
    if (was == byte || ((was == ' ' || was == '\n') && (byte == ' ' || byte == '\n'))) {
      ++f.at;
      f.length += f.length < 65535;
    } else {
      f.length = 0;
    }
  }

  static void drop_if_uncoded(Follow& f, const LaneCut& cut, uint32_t round, uint32_t lane) {
    if (f.length > 0 && !cut.coded(f.at, round, lane)) f.length = 0;
  }

  // The pair's positions followed the bytes before the one just written: each is tried one byte further on.
  void search(MatchState& m, const uint8_t* history, const LaneCut& cut, uint32_t position, uint32_t lane_begin) const {
    for (int i = 0; i < 2; ++i) {
      if (m.pair[i] == 0) break;
      const uint32_t candidate = m.pair[i] + 1;
      const uint32_t length = agreement(history, candidate, cut.floor_of(candidate - 1), position, lane_begin);
      if (length < uint32_t(min_length_)) continue;
      if (length > m.first.length) {
        m.second = m.first;
        m.first = {candidate, length};
      } else {
        m.second = {candidate, length};
      }
    }
  }

  // How many bytes before a and before b agree, within their lanes.
  static uint32_t agreement(const uint8_t* history, uint32_t a, uint32_t a_floor, uint32_t b, uint32_t b_floor) {
    uint32_t n = 0;
    while (n < kCompareAtMost && a - n > a_floor && b - n > b_floor && history[a - n - 1] == history[b - n - 1]) ++n;
    return n;
  }

  int min_length_, shift_;
  ZeroedPages table_;
};

}  // namespace nzip::engine1::NZIP_ISA
