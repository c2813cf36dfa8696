// The contexts of the strong profile, a file for each kind of data.
#pragma once

#include <cstdint>

#include "cm/contexts/bilevel.hpp"
#include "cm/contexts/binary.hpp"
#include "cm/contexts/executable.hpp"
#include "cm/contexts/records.hpp"
#include "cm/contexts/text.hpp"
#include "cm/lane_state.hpp"

namespace nzip::contexts {

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

}  // namespace nzip::contexts
