// Contexts of records of one length: the column, and the records above.
#pragma once

#include <cstdint>

#include "engine1/contexts/distant.hpp"
#include "engine1/lane_state.hpp"
#include "engine1/neighbours.hpp"

namespace nzip::engine1::NZIP_ISA::contexts {

// The contexts of the strong set.
inline void records_contexts(const LaneState& s, const uint8_t* history, uint64_t* h) {
  h[0] = mix(1, s.last_bytes(4));
  h[1] = mix(2, s.last_bytes(3));
  h[2] = mix(3, s.last_bytes(2));
  h[3] = mix(10, s.last_bytes(6));
  h[4] = mix(11, s.last_bytes(3) & 0xffff00);
  h[5] = mix(16, s.last_bytes(5));
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
}

// Those that the full set has beside them.
inline void more_records_contexts(const LaneState& s, uint64_t* h) {
  h[20] = mix(90, s.last_bytes(7));
  distant_contexts(s, h);
}

}  // namespace nzip::engine1::NZIP_ISA::contexts
