// Contexts of bilevel rasters: the pixels around, to the left and above.
#pragma once

#include <cstdint>

#include "engine1/lane_state.hpp"
#include "engine1/neighbours.hpp"

namespace nzip::engine1::NZIP_ISA::contexts {

// The contexts of the strong set.
inline void bilevel_contexts(const LaneState& s, const uint8_t* history, uint64_t* h) {
  h[0] = mix(1, s.last_bytes(4));
  h[1] = mix(2, s.last_bytes(3));
  h[2] = mix(3, s.last_bytes(2));
  h[3] = mix(10, s.last_bytes(6));
  h[4] = mix(11, s.last_bytes(3) & 0xffff00);
  h[5] = mix(16, s.last_bytes(5));
  const Raster r(s, history);
  h[1] = mix(70, r.up);
  h[6] = mix(71, r.near(3, 2));
  h[7] = mix(72, r.near(2, 1) << 8 | r.up2);
  h[8] = mix(73, r.near(8, 0));
  h[9] = mix(74, r.near(4, 4));
  h[10] = mix(75, r.near(3, 2) << 8 | r.up2);
  h[11] = mix(76, r.near(1, 1) << 16 | r.up2 << 8 | r.up3);
  h[12] = mix(77, r.near(4, 2) << 16 | r.up2 << 8 | r.up3);
  h[13] = mix(78, r.near(8, 0) << 8 | r.up2);
  h[14] = mix(79, r.near(2, 3) << 16 | (r.up2_left & 3) << 10 | (r.up2_right >> 6) << 8 | r.up2);
  h[15] = mix(80, r.near(8, 8));
  h[16] = mix(81, (r.up2 << 8 | r.up3) << 8 | (r.left & 7));
  h[17] = mix(82, r.near(0, 0) << 16 | s.last_bytes(2));
  h[18] = mix(83, r.near(8, 8) << 8 | r.up2);
  h[19] = mix(84, (r.up ^ r.up2) << 8 | (r.left & 15));
}

// Those that the full set has beside them.
inline void more_bilevel_contexts(const LaneState& s, const uint8_t* history, uint64_t* h) {
  const Raster r(s, history);
  const uint64_t up_row = r.up_left << 16 | r.up << 8 | r.up_right;
  const uint64_t up2_row = r.up2_left << 16 | r.up2 << 8 | r.up2_right;
  h[20] = mix(90, r.near(5, 5) << 8 | r.up2);
  h[21] = mix(91, mix(up_row, up2_row) + (r.left & 15));
  h[22] = mix(92, mix(s.last_bytes(2) & 0xfff, r.up << 4 | r.up_right >> 4));
  h[23] = mix(93, mix(s.last_bytes(3), up_row));
  h[24] = mix(94, mix(r.near(4, 4), r.up2 << 4 | r.up2_right >> 4));
  h[25] = mix(95, mix(mix(up_row, r.up2), r.up3 << 8 | r.left));
  h[26] = mix(96, mix(s.column, r.up));
  h[27] = mix(97, mix(r.near(3, 3), mix(r.up2, r.up3) + record_byte(s, history, 4, 0)));
}

}  // namespace nzip::engine1::NZIP_ISA::contexts
