// The contexts of the strong set, a file for each kind of data.
#pragma once

#include <cstdint>

#include "engine1/contexts/bilevel.hpp"
#include "engine1/contexts/binary.hpp"
#include "engine1/contexts/executable.hpp"
#include "engine1/contexts/records.hpp"
#include "engine1/contexts/text.hpp"
#include "engine1/lane_state.hpp"

namespace nzip::engine1::contexts {

constexpr int kStrongContexts = 20;

inline void strong_contexts(const LaneState& s, const uint8_t* history, const uint16_t* followers, uint64_t* h) {
  switch (s.kind) {
    case kText:
      text_contexts(s, history, followers, h);
      h[18] = mix(37, mix(s.word1, s.word2) + s.last(1));
      return;
    case kRecords:
    case kSamples:
      return records_contexts(s, history, h);
    case kBilevel:
      return bilevel_contexts(s, history, h);
    case kExecutable:
      return first_executable_contexts<kStrongContexts>(s, h);
    default:
      return binary_contexts(s, h);
  }
}

}  // namespace nzip::engine1::contexts
