// Component profiles: which contexts an engine of a level group mixes, for each kind of segment.
#pragma once

#include <cstdint>

#include "cm/lane_state.hpp"

namespace nzip {

// The byte n positions above and `right` columns to the right in the record grid, 0 outside the lane.
inline uint32_t above(const LaneState& s, const uint8_t* history, uint32_t rows, int right) {
  const int64_t at = int64_t(s.position) - int64_t(rows) * s.stride + right;
  return at >= int64_t(s.begin) && at < int64_t(s.position) ? history[at] : 0;
}

inline uint64_t last_bytes(const LaneState& s, int n) { return n == 8 ? s.last8 : s.last8 & ((uint64_t(1) << 8 * n) - 1); }

struct FastProfile {
  static constexpr int kMatchMin[] = {6};
  static constexpr int kRateFirst = 3000, kRateLast = 400, kRateDecay = 1024, kFinalRate = 500;
  static constexpr int64_t kInitWeight = 64;
  static constexpr bool kFinalByMatch = false;
  static constexpr int kId = 1, kContexts = 5, kRuns = 3, kMatches = 1;
  static constexpr int kSets = 2;
  static constexpr int kLimit = 255;
  static constexpr bool kOrder2Apm = false;
  static void contexts(const LaneState& s, const uint8_t* history, uint64_t* h) {
    h[0] = mix(1, last_bytes(s, 4));
    h[1] = mix(2, last_bytes(s, 6));
    h[2] = mix(3, last_bytes(s, 3));
    h[3] = mix(4, last_bytes(s, 2));
    if (s.kind == kText) {
      h[4] = mix(5, s.word + s.last(1) * kHashA);
    } else if (s.kind == kRecords) {
      h[4] = mix(6, above(s, history, 1, 0) << 8 | s.last(1));
    } else {
      h[4] = mix(7, last_bytes(s, 3) & 0xffff00);
    }
  }
};

struct BalancedProfile {
  static constexpr int kMatchMin[] = {6};
  static constexpr int kRateFirst = 3000, kRateLast = 400, kRateDecay = 1024, kFinalRate = 500;
  static constexpr int64_t kInitWeight = 64;
  static constexpr bool kFinalByMatch = false;
  static constexpr int kId = 2, kContexts = 10, kRuns = 6, kMatches = 1;
  static constexpr int kSets = 4;
  static constexpr int kLimit = 255;
  static constexpr bool kOrder2Apm = true;
  static void contexts(const LaneState& s, const uint8_t* history, uint64_t* h) {
    h[0] = mix(1, last_bytes(s, 4));
    h[1] = mix(2, last_bytes(s, 6));
    h[2] = mix(3, last_bytes(s, 3));
    h[3] = mix(4, last_bytes(s, 5));
    h[4] = mix(5, s.word + s.last(1) * kHashA);
    h[5] = mix(12, mix(s.word, s.word1) + s.last(1));
    h[6] = mix(7, last_bytes(s, 2));
    if (s.kind == kText) {
      h[7] = mix(8, last_bytes(s, 8));
      h[8] = mix(9, last_bytes(s, 3) & 0xffff00);
      h[9] = mix(10, mix(s.word, s.word2) + 1);
    } else if (s.kind == kRecords) {
      const uint32_t up = above(s, history, 1, 0);
      h[3] = mix(30, up << 8 | s.last(1));
      h[4] = mix(31, mix(up, s.column));
      h[5] = mix(32, above(s, history, 1, -1) << 16 | above(s, history, 1, 1) << 8 | up);
      h[7] = mix(33, up << 16 | above(s, history, 2, 0) << 8 | s.last(1));
      h[8] = mix(34, mix(s.column, s.last(1)));
      h[9] = mix(35, up << 16 | last_bytes(s, 2));
    } else {
      h[7] = mix(8, last_bytes(s, 8));
      h[8] = mix(9, last_bytes(s, 3) & 0xffff00);
      h[9] = mix(11, last_bytes(s, 4) & 0xffff0000);
    }
  }
};

struct StrongProfile {
  static constexpr int kMatchMin[] = {5, 12};
  static constexpr int kRateFirst = 3000, kRateLast = 400, kRateDecay = 1024, kFinalRate = 500;
  static constexpr int64_t kInitWeight = 64;
  static constexpr bool kFinalByMatch = false;
  static constexpr int kId = 3, kContexts = 18, kRuns = 10, kMatches = 2;
  static constexpr int kSets = 6;
  static constexpr int kLimit = 255;
  static constexpr bool kOrder2Apm = true;
  static void contexts(const LaneState& s, const uint8_t* history, uint64_t* h) {
    h[0] = mix(1, last_bytes(s, 4));
    h[1] = mix(2, last_bytes(s, 6));
    h[2] = mix(3, last_bytes(s, 3));
    h[3] = mix(4, last_bytes(s, 5));
    h[4] = mix(5, s.word + s.last(1) * kHashA);
    h[5] = mix(12, mix(s.word, s.word1) + s.last(1));
    h[6] = mix(7, last_bytes(s, 2));
    h[7] = mix(8, last_bytes(s, 8));
    h[8] = mix(9, last_bytes(s, 3) & 0xffff00);
    h[9] = mix(10, mix(s.word, s.word2) + 1);
    h[10] = mix(13, last_bytes(s, 7));
    h[11] = mix(14, last_bytes(s, 4) & 0xffffff00);
    h[12] = mix(15, last_bytes(s, 4) & 0xffff0000);
    h[13] = mix(16, mix(mix(s.word, s.word1), s.word2));
    const uint32_t column = s.position - s.line_begin;
    const uint32_t up_at = s.last_line_begin + column;
    const uint32_t up_text = up_at < s.line_begin ? history[up_at] : 0;
    h[14] = mix(17, mix(column < 255 ? column : 255, up_text << 8 | s.last(1)));
    h[15] = mix(18, mix(s.word + 7, s.line_first));
    h[16] = mix(19, mix(up_text, s.word));
    h[17] = mix(20, mix(s.gap, s.word1) + s.last(1));
    if (s.kind == kRecords) {
      const uint32_t up = above(s, history, 1, 0);
      h[4] = mix(30, up << 8 | s.last(1));
      h[5] = mix(31, mix(up, s.column));
      h[9] = mix(32, above(s, history, 1, -1) << 16 | above(s, history, 1, 1) << 8 | up);
      h[13] = mix(33, up << 16 | above(s, history, 2, 0) << 8 | s.last(1));
      h[14] = mix(34, mix(s.column, s.last(1)));
      h[15] = mix(35, up << 16 | last_bytes(s, 2));
      h[16] = mix(36, s.column);
      h[17] = mix(37, up << 24 | above(s, history, 2, 0) << 16 | above(s, history, 1, 1) << 8 | s.last(1));
    }
  }
};

}  // namespace nzip
