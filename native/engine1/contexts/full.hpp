// The contexts of the full set: the strong one's of each kind of data, and more.
#pragma once

#include <array>
#include <cstdint>
#include <tuple>

#include "engine1/contexts/bilevel.hpp"
#include "engine1/contexts/binary.hpp"
#include "engine1/contexts/executable.hpp"
#include "engine1/contexts/records.hpp"
#include "engine1/contexts/text.hpp"
#include "engine1/lane_state.hpp"

namespace nzip::engine1::NZIP_ISA::contexts {

constexpr int kContexts = 36;
static_assert(std::tuple_size_v<decltype(kFullTextRows)> == kContexts);
constexpr int kMaps = 8;

// Beside the 28 contexts of a kind's own, where it is not text.
inline void general_contexts(const LaneState& s, uint64_t* h) {
  h[28] = mix(300, mix(s.expected << 8 | s.last(1), s.matched));
  h[29] = mix(301, s.last_bytes(2));
  h[30] = mix(302, s.last_bytes(5));
  h[31] = mix(303, mix(s.last8, s.older8));
  h[32] = mix(304, s.shape & 0xffffffff);
  h[33] = mix(305, mix(s.expected, s.last_bytes(2)));
  h[34] = mix(306, s.last_bytes(4) & 0xff0000ff);
  h[35] = mix(307, mix(s.last_bytes(2), s.position & 3));
}

inline void full_contexts(const LaneState& s, const uint8_t* history, const uint16_t* followers, uint64_t* h) {
  if (s.kind == kText) return hash_rows(kFullTextRows, Text(s, history, followers), h);
  general_contexts(s, h);
  switch (s.kind) {
    case kRecords:
      records_contexts(s, history, h);
      return more_records_contexts(s, h);
    case kBilevel:
      bilevel_contexts(s, history, h);
      return more_bilevel_contexts(s, history, h);
    case kExecutable:
      return executable_contexts(s, h);
    default:
      binary_contexts(s, h);
      return more_binary_contexts(s, h);
  }
}

// Of the maps; `hashed` are the contexts of the histories.
inline void map_contexts(const LaneState& s, const uint64_t* hashed, uint64_t* h) {
  h[0] = mix(200, s.last(1));
  h[1] = mix(201, s.last_bytes(2));
  h[2] = mix(202, s.last_bytes(3));
  h[3] = mix(203, s.word + s.last(1));
  static constexpr std::array<size_t, 4> kOfText = {
      place_of(kFullTextRows, "order 4"), place_of(kFullTextRows, "8 classes"), place_of(kFullTextRows, "2 words"),
      place_of(kFullTextRows, "order 5")};
  static constexpr std::array<size_t, 4> kOfOthers = {6, 7, 8, 9};
  static constexpr std::array<size_t, 4> kOfRecords = {3, 7, 10, 12};
  for (size_t i = 0; i < 4; ++i)
    h[4 + i] = hashed[(s.kind == kText ? kOfText : s.kind == kRecords ? kOfRecords : kOfOthers)[i]];
}

}  // namespace nzip::engine1::NZIP_ISA::contexts
