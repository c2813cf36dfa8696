// Bytes around the next one, in tables and pictures: what lies above it rather than before it.
#pragma once

#include <cstdint>

#include "engine1/lane_state.hpp"

namespace nzip::engine1::NZIP_ISA {

// The byte `rows` records above and `right` columns to the right, 0 outside the lane.
inline uint64_t record_byte(const LaneState& s, const uint8_t* history, uint32_t rows, int right) {
  const int64_t at = int64_t(s.position) - int64_t(rows) * s.stride + right;
  return at >= int64_t(s.begin) && at < int64_t(s.position) ? history[at] : 0;
}

// The byte in the same column of the line above, 0 where that line was shorter.
inline uint64_t line_byte(const LaneState& s, const uint8_t* history) {
  const uint32_t at = s.previous_line + (s.position - s.line_begin);
  return at < s.line_begin ? history[at] : 0;
}

inline uint64_t line_column(const LaneState& s) {
  const uint32_t column = s.position - s.line_begin;
  return column < 255 ? column : 255;
}

}  // namespace nzip::engine1::NZIP_ISA
