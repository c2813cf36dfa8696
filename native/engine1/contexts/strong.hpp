// The contexts of the strong set, a file for each kind of data.
#pragma once

#include <cstdint>
#include <tuple>

#include "engine1/contexts/bilevel.hpp"
#include "engine1/contexts/binary.hpp"
#include "engine1/contexts/executable.hpp"
#include "engine1/contexts/records.hpp"
#include "engine1/contexts/text.hpp"
#include "engine1/lane_state.hpp"

namespace nzip::engine1::NZIP_ISA::contexts {

constexpr int kStrongContexts = 20;
static_assert(std::tuple_size_v<decltype(kStrongTextRows)> == kStrongContexts);

inline void strong_contexts(const LaneState& s, const uint8_t* history, const uint16_t* followers, uint64_t* h) {
  switch (s.kind) {
    case kText:
      return hash_rows(kStrongTextRows, Text(s, history, followers), h);
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

}  // namespace nzip::engine1::NZIP_ISA::contexts
