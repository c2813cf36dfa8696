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

// The bytes around the next one in a bilevel raster: the byte to the left and, n rows above, its neighbours.
struct Raster {
  uint64_t left, up, up_left, up_right, up2, up2_left, up2_right, up3;
  Raster(const LaneState& s, const uint8_t* history)
      : left(s.last(1)),
        up(record_byte(s, history, 1, 0)),
        up_left(record_byte(s, history, 1, -1)),
        up_right(record_byte(s, history, 1, 1)),
        up2(record_byte(s, history, 2, 0)),
        up2_left(record_byte(s, history, 2, -1)),
        up2_right(record_byte(s, history, 2, 1)),
        up3(record_byte(s, history, 3, 0)) {}

  // The pixels nearest to the byte: `side` of each neighbour's in its own row, `corner` of each in the row above.
  uint64_t near(int side, int corner) const {
    const uint64_t mask = (1u << corner) - 1;
    return up | (left & ((1u << side) - 1)) << 8 | (up_left & mask) << 16 | (up_right >> (8 - corner)) << 24;
  }
};

}  // namespace nzip::engine1::NZIP_ISA
