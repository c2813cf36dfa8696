// The contexts of the full profile, a file for each kind of data.
#pragma once

#include <cstdint>

#include "cm/full/bilevel.hpp"
#include "cm/full/binary.hpp"
#include "cm/full/executable.hpp"
#include "cm/full/records.hpp"
#include "cm/full/text.hpp"
#include "cm/lane_state.hpp"

namespace nzip::full {

constexpr int kContexts = 28;

inline void contexts(const LaneState& s, const uint8_t* history, const uint16_t* followers, uint64_t* h) {
  switch (s.kind) {
    case kText:
      return text_contexts(s, history, followers, h);
    case kRecords:
      return records_contexts(s, history, h);
    case kBilevel:
      return bilevel_contexts(s, history, h);
    case kExecutable:
      return executable_contexts(s, h);
    default:
      return binary_contexts(s, history, h);
  }
}

}  // namespace nzip::full
