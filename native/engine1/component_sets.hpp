// Component sets: what an engine mixes. A set's numbers are part of the engine's revision. The text contexts were
// chosen by greedy selection on text that is in no published corpus of results.
#pragma once

#include <cstdint>

#include "engine1/contexts/full.hpp"
#include "engine1/contexts/strong.hpp"
#include "engine1/lane_state.hpp"
#include "engine1/neighbours.hpp"

namespace nzip::engine1::NZIP_ISA {

struct FastSet {
  static constexpr int kId = 1;
  static constexpr int kContexts = 5;               // hashed contexts, beside orders 0 and 1
  static constexpr bool kNumbers = false;           // predicts those of arrays
  static constexpr bool kStructured = false;        // weighs by the pixels and columns around
  static constexpr int kOpinions = 1;               // inputs per bit history: stretch(p), that of a pure one, p - 1/2
  static constexpr int kRuns = 0;                   // of the first contexts, how many also predict by their last byte
  static constexpr int kMatchMin[] = {5};           // bytes that a match model hashes, one number a model
  static constexpr int kMatchShare = 5;             // a match model keeps one position for 2^5 bytes of hash table
  static constexpr int kSets = 2;                   // weight sets selected in the first layer
  static constexpr int kApms = 1;                   // refine by the last byte; 2: by three bytes, too; 3: by the word
  static constexpr int kInitialWeight = 64;         // of a bit history, in 1/256
  static constexpr bool kExpectedContexts = false;  // some contexts tell what matches expect

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

struct BalancedSet {
  static constexpr int kId = 2;
  static constexpr int kContexts = 9;
  static constexpr bool kNumbers = false;
  static constexpr bool kStructured = false;
  static constexpr int kOpinions = 2;
  static constexpr int kRuns = 2;
  static constexpr int kMatchMin[] = {6};
  static constexpr int kMatchShare = 6;
  static constexpr int kSets = 4;
  static constexpr int kApms = 2;
  static constexpr int kInitialWeight = 64;
  static constexpr bool kExpectedContexts = false;

  static void contexts(const LaneState& s, const uint8_t* history, const uint16_t* /*followers*/, uint64_t* h) {
    if (s.kind == kExecutable) return contexts::first_executable_contexts<kContexts>(s, h);
    h[0] = mix(1, s.last_bytes(4));
    h[1] = mix(2, s.last_bytes(3));
    h[2] = mix(3, s.last_bytes(2));
    h[3] = mix(10, s.last_bytes(6));
    if (s.kind == kText) {
      h[3] = mix(10, s.flowing8 & 0xffffffffffff);
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

struct StrongSet {
  static constexpr int kId = 3;
  static constexpr auto& kTextRows = contexts::kStrongTextRows;
  static constexpr int kContexts = contexts::kStrongContexts;
  static constexpr bool kNumbers = false;
  static constexpr bool kStructured = false;
  static constexpr int kOpinions = 2;
  static constexpr int kRuns = 12;
  static constexpr int kMatchMin[] = {4, 8};
  static constexpr int kMatchShare = 7;
  static constexpr int kSets = 6;
  static constexpr int kApms = 2;
  static constexpr int kInitialWeight = 40;
  static constexpr bool kExpectedContexts = false;

  static void contexts(const LaneState& s, const uint8_t* history, const uint16_t* followers, uint64_t* h) {
    contexts::strong_contexts(s, history, followers, h);
  }
};

struct FullSet {
  static constexpr int kId = 4;
  static constexpr auto& kTextRows = contexts::kFullTextRows;
  static constexpr int kContexts = contexts::kContexts;
  static constexpr bool kNumbers = true;
  static constexpr bool kStructured = true;
  static constexpr int kOpinions = 3;
  static constexpr int kRuns = contexts::kContexts;
  static constexpr int kMatchMin[] = {5, 12};
  static constexpr int kMatchShare = 7;
  static constexpr int kSets = 13;
  static constexpr int kApms = 3;
  static constexpr int kInitialWeight = 30;
  static constexpr bool kExpectedContexts = true;

  static void contexts(const LaneState& s, const uint8_t* history, const uint16_t* followers, uint64_t* h) {
    contexts::full_contexts(s, history, followers, h);
  }
};

}  // namespace nzip::engine1::NZIP_ISA
