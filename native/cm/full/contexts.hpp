// The contexts of the full profile, a file for each kind of data.
#pragma once

#include <cstdint>

#include "cm/full/bilevel.hpp"
#include "cm/full/binary.hpp"
#include "cm/full/records.hpp"
#include "cm/full/text.hpp"
#include "cm/lane_state.hpp"

namespace nzip::full {

constexpr int kContexts = 36;
constexpr int kMaps = 4;

inline void contexts(const LaneState& s, const uint8_t* history, const uint16_t* followers, uint64_t* h) {
  switch (s.kind) {
    case kText:
      return text_contexts(s, history, followers, h);
    case kRecords:
      return records_contexts(s, history, h);
    case kBilevel:
      return bilevel_contexts(s, history, h);
    default:
      return binary_contexts(s, history, h);
  }
}

inline void map_contexts(const LaneState& s, uint64_t* h) {
  h[0] = mix(200, s.last(1));
  h[1] = mix(201, s.last_bytes(2));
  h[2] = mix(202, s.last_bytes(3));
  h[3] = mix(203, s.word + s.last(1));
}

}  // namespace nzip::full
