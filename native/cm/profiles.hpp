// Component profiles: what an engine of a level group mixes. A profile's numbers are part of the engine's revision.
// The text contexts were chosen by greedy selection on text that is in no published corpus of results; see design.md.
#pragma once

#include <cstdint>

#include "cm/full/contexts.hpp"
#include "cm/lane_state.hpp"
#include "cm/neighbours.hpp"

namespace nzip {

struct FastProfile {
  static constexpr int kId = 1;
  static constexpr int kContexts = 5;  // hashed contexts, beside orders 0 and 1
  static constexpr bool kSampleMaps = false;
  static constexpr int kOpinions = 1;        // inputs per bit history: stretch(p), p - 1/2, stretch(p) of a pure one
  static constexpr int kRuns = 0;            // of the first contexts, how many also predict by their last byte
  static constexpr int kMatchMin[] = {5};    // bytes that a match model hashes, one number a model
  static constexpr int kMatchShare = 5;      // a match model keeps one position for 2^5 bytes of hash table
  static constexpr int kSets = 2;            // weight sets selected in the first layer
  static constexpr int kApms = 1;            // refine by the bits so far; 2: the last byte, too; 4: two bytes, a word
  static constexpr int kInitialWeight = 64;  // of a bit history, in 1/256
  static constexpr int kMaps = 0;            // contexts with probabilities of their own, beside histories

  static void contexts(const LaneState& s, const uint8_t* history, const uint16_t* /*followers*/, uint64_t* h) {
    h[0] = mix(1, s.last_bytes(4));
    h[1] = mix(2, s.last_bytes(3));
    h[2] = mix(3, s.last_bytes(2));
    if (s.kind == kText) {
      h[3] = mix(4, s.word + s.last(1) * kHashA);
      h[4] = mix(5, s.classes & 0xffffffff);
    } else if (s.kind == kRecords || s.kind == kSamples) {
      const uint64_t up = record_byte(s, history, 1, 0);
      h[3] = mix(20, up << 8 | s.last(1));
      h[4] = mix(21, mix(up, s.column));
    } else if (s.kind == kBilevel) {
      const Raster r(s, history);
      h[1] = mix(71, r.near(3, 2));
      h[3] = mix(75, r.near(3, 2) << 8 | r.up2);
      h[4] = mix(80, r.near(8, 8));
    } else {
      h[3] = mix(11, s.last_bytes(3) & 0xffff00);
      h[4] = mix(12, s.last_bytes(4) & 0xffff0000);
    }
  }
};

struct BalancedProfile {
  static constexpr int kId = 2;
  static constexpr int kContexts = 9;
  static constexpr bool kSampleMaps = false;
  static constexpr int kOpinions = 2;
  static constexpr int kRuns = 2;
  static constexpr int kMatchMin[] = {6};
  static constexpr int kMatchShare = 6;
  static constexpr int kSets = 4;
  static constexpr int kApms = 2;
  static constexpr int kInitialWeight = 64;
  static constexpr int kMaps = 0;

  static void contexts(const LaneState& s, const uint8_t* history, const uint16_t* /*followers*/, uint64_t* h) {
    if (s.kind == kExecutable) return full::first_executable_contexts<kContexts>(s, h);
    h[0] = mix(1, s.last_bytes(4));
    h[1] = mix(2, s.last_bytes(3));
    h[2] = mix(3, s.last_bytes(2));
    h[3] = mix(10, s.last_bytes(6));
    if (s.kind == kText) {
      h[4] = mix(4, s.word + s.last(1) * kHashA);
      h[5] = mix(5, s.classes & 0xffffffff);
      h[6] = mix(6, mix(s.word, s.word1) + s.last(1));
      h[7] = mix(7, mix(line_column(s), line_byte(s, history) << 8 | s.last(1)));
      h[8] = mix(8, s.classes);
    } else if (s.kind == kRecords || s.kind == kSamples) {
      const uint64_t up = record_byte(s, history, 1, 0), up2 = record_byte(s, history, 2, 0);
      h[1] = mix(11, s.last_bytes(3) & 0xffff00);
      h[4] = mix(21, mix(up, s.column));
      h[5] = mix(22, record_byte(s, history, 1, -1) << 16 | record_byte(s, history, 1, 1) << 8 | up);
      h[6] = mix(23, up << 16 | up2 << 8 | s.last(1));
      h[7] = mix(24, mix(s.column, s.last(1)));
      h[8] = mix(20, up << 8 | s.last(1));
    } else if (s.kind == kBilevel) {
      const Raster r(s, history);
      h[1] = mix(71, r.near(3, 2));
      h[3] = mix(72, r.near(2, 1) << 8 | r.up2);
      h[4] = mix(75, r.near(3, 2) << 8 | r.up2);
      h[5] = mix(74, r.near(4, 4));
      h[6] = mix(77, r.near(4, 2) << 16 | r.up2 << 8 | r.up3);
      h[7] = mix(73, r.near(8, 0));
      h[8] = mix(80, r.near(8, 8));
    } else {
      h[4] = mix(11, s.last_bytes(3) & 0xffff00);
      h[5] = mix(12, s.last_bytes(4) & 0xffff0000);
      h[6] = mix(13, s.last_bytes(6) & 0xffff00ff00ff);
      h[7] = mix(14, mix(s.position & 3, s.last(1)));
      h[8] = mix(15, mix(s.classes & 0xffff0000, s.last_bytes(2)));
    }
  }
};

struct StrongProfile {
  static constexpr int kId = 3;
  static constexpr int kContexts = 20;
  static constexpr bool kSampleMaps = false;
  static constexpr int kOpinions = 2;
  static constexpr int kRuns = 12;
  static constexpr int kMatchMin[] = {4, 8};
  static constexpr int kMatchShare = 7;
  static constexpr int kSets = 6;
  static constexpr int kApms = 2;
  static constexpr int kInitialWeight = 40;
  static constexpr int kMaps = 0;

  static void contexts(const LaneState& s, const uint8_t* history, const uint16_t* followers, uint64_t* h) {
    if (s.kind == kExecutable) return full::first_executable_contexts<kContexts>(s, h);
    h[0] = mix(1, s.last_bytes(4));
    h[1] = mix(2, s.last_bytes(3));
    h[2] = mix(3, s.last_bytes(2));
    h[3] = mix(10, s.last_bytes(6));
    h[4] = mix(11, s.last_bytes(3) & 0xffff00);
    h[5] = mix(16, s.last_bytes(5));
    if (s.kind == kText) {
      const uint64_t line = line_byte(s, history);
      h[6] = mix(4, s.word + s.last(1) * kHashA);
      h[7] = mix(5, s.classes & 0xffffffff);
      h[8] = mix(6, mix(s.word, s.word1) + s.last(1));
      h[9] = mix(7, mix(line_column(s), line << 8 | s.last(1)));
      h[10] = mix(8, s.classes);
      h[11] = mix(30, mix(s.classes & 0xffffff, s.last(1)));
      h[12] = mix(31, mix(s.indent, s.word));
      h[13] = mix(32, mix(s.innermost(), s.word) + s.last(1));
      h[14] = mix(33, mix(s.line_first, s.word));
      h[15] = mix(34, mix(s.word, s.word2));
      h[16] = mix(35, mix(s.innermost(), s.last_bytes(2)));
      h[17] = mix(36, mix(line, s.word));
      h[18] = mix(37, mix(s.word1, s.word2) + s.last(1));
      h[3] = mix(39, mix(followers[s.last_bytes(2)], s.last(1)));
      h[19] = mix(38, s.last_bytes(8));
    } else if (s.kind == kRecords || s.kind == kSamples) {
      const uint64_t up = record_byte(s, history, 1, 0), up2 = record_byte(s, history, 2, 0);
      const uint64_t left = record_byte(s, history, 1, -1), right = record_byte(s, history, 1, 1);
      const uint64_t up3 = record_byte(s, history, 3, 0);
      h[6] = mix(20, up << 8 | s.last(1));
      h[7] = mix(21, mix(up, s.column));
      h[8] = mix(22, left << 16 | right << 8 | up);
      h[9] = mix(23, up << 16 | up2 << 8 | s.last(1));
      h[10] = mix(24, mix(s.column, s.last(1)));
      h[11] = mix(25, up << 16 | s.last_bytes(2));
      h[12] = mix(40, s.column);
      h[13] = mix(41, (left & 7) << 16 | (right >> 4) << 24 | up << 8 | (s.last(1) & 15));
      h[14] = mix(42, mix(s.column, uint8_t(2 * up - up2)));
      h[15] = mix(43, uint8_t(up + s.last(1) - left));
      h[16] = mix(44, (s.last(1) & 3) << 28 | (left & 1) << 26 | (right >> 7) << 25 | up << 16 | up2 << 8 | up3);
      h[18] = mix(47, s.last_bytes(8));
      h[19] = mix(48, s.last_bytes(4) & 0xffffff00);
      h[17] = mix(45, left << 24 | up << 16 | right << 8 | s.last(1));
      h[5] = mix(46, s.last_bytes(4) & 0xffff0000);
    } else if (s.kind == kBilevel) {
      const Raster r(s, history);
      h[1] = mix(70, r.up);
      h[6] = mix(71, r.near(3, 2));
      h[7] = mix(72, r.near(2, 1) << 8 | r.up2);
      h[8] = mix(73, r.near(8, 0));
      h[9] = mix(74, r.near(4, 4));
      h[10] = mix(75, r.near(3, 2) << 8 | r.up2);
      h[11] = mix(76, r.near(1, 1) << 16 | r.up2 << 8 | r.up3);
      h[12] = mix(77, r.near(4, 2) << 16 | r.up2 << 8 | r.up3);
      h[13] = mix(78, r.near(8, 0) << 8 | r.up2);
      h[14] = mix(79, r.near(2, 3) << 16 | (r.up2_left & 3) << 10 | (r.up2_right >> 6) << 8 | r.up2);
      h[15] = mix(80, r.near(8, 8));
      h[16] = mix(81, (r.up2 << 8 | r.up3) << 8 | (r.left & 7));
      h[17] = mix(82, r.near(0, 0) << 16 | s.last_bytes(2));
      h[18] = mix(83, r.near(8, 8) << 8 | r.up2);
      h[19] = mix(84, (r.up ^ r.up2) << 8 | (r.left & 15));
    } else {
      const uint64_t phase = s.position & 3;
      h[6] = mix(12, s.last_bytes(4) & 0xffff0000);
      h[7] = mix(13, s.last_bytes(6) & 0xffff00ff00ff);
      h[8] = mix(14, mix(phase, s.last(1)));
      h[9] = mix(15, mix(s.classes & 0xffff0000, s.last_bytes(2)));
      h[10] = mix(50, s.last_bytes(3) & 0xfff0f0);
      h[11] = mix(51, s.last_bytes(4) & 0xff00ff00);
      h[12] = mix(52, s.last_bytes(3) & 0xff00ff);
      h[13] = mix(53, s.last_bytes(5) & 0xff00000000);
      h[14] = mix(54, s.last_bytes(4) & 0xff000000);
      h[15] = mix(55, s.last_bytes(4) & 0xf0f0f0ff);
      h[16] = mix(56, mix(phase, s.last_bytes(3) & 0xff00ff));
      h[17] = mix(57, s.last_bytes(3) & 0xff0000);
      h[18] = mix(58, s.classes & 0xffffffff);
      h[19] = mix(59, s.last_bytes(4) & 0xffffff00);
    }
  }
};

struct FullProfile {
  static constexpr int kId = 4;
  static constexpr int kContexts = full::kContexts;
  static constexpr bool kSampleMaps = true;  // predicts numbers
  static constexpr int kOpinions = 3;
  static constexpr int kRuns = full::kContexts;
  static constexpr int kMatchMin[] = {5, 12};
  static constexpr int kMatchShare = 7;
  static constexpr int kSets = 12;
  static constexpr int kApms = 4;
  static constexpr int kInitialWeight = 30;
  static constexpr int kMaps = full::kMaps;

  static void contexts(const LaneState& s, const uint8_t* history, const uint16_t* followers, uint64_t* h) {
    full::contexts(s, history, followers, h);
  }
};

}  // namespace nzip
