// Contexts of data of no known structure.
#pragma once

#include <cstdint>

#include "engine1/contexts/distant.hpp"
#include "engine1/lane_state.hpp"

namespace nzip::engine1::NZIP_ISA::contexts {

// The contexts of the strong set.
inline void binary_contexts(const LaneState& s, uint64_t* h) {
  h[0] = mix(1, s.last_bytes(4));
  h[1] = mix(2, s.last_bytes(3));
  h[2] = mix(3, s.last_bytes(2));
  h[3] = mix(10, s.last_bytes(6));
  h[4] = mix(11, s.last_bytes(3) & 0xffff00);
  h[5] = mix(16, s.last_bytes(5));
  const uint64_t phase = s.position & 3;
  h[6] = mix(12, s.last_bytes(4) & 0xffff0000);
  h[7] = mix(13, s.last_bytes(6) & 0xffff00ff00ff);
  h[8] = mix(14, mix(phase, s.last(1)));
  h[9] = mix(15, mix(s.classes & 0xffff0000, s.last_bytes(2)));
  h[10] = mix(50, s.last_bytes(3) & 0xfff0f0);
  h[11] = mix(51, s.last_bytes(4) & 0xff00ff00);
  h[12] = mix(52, s.last_bytes(3) & 0xff00ff);
  h[13] = mix(53, s.last_bytes(5) & 0xff00000000);
  h[14] = mix(54, s.last_bytes(4) & 0xff000000);
  h[15] = mix(55, s.last_bytes(4) & 0xf0f0f0ff);
  h[16] = mix(56, mix(phase, s.last_bytes(3) & 0xff00ff));
  h[17] = mix(57, s.last_bytes(3) & 0xff0000);
  h[18] = mix(58, s.classes & 0xffffffff);
  h[19] = mix(59, s.last_bytes(4) & 0xffffff00);
}

// Those that the full set has beside them; its context 5 knows the position instead of order 5.
inline void more_binary_contexts(const LaneState& s, uint64_t* h) {
  h[5] = mix(16, mix(s.position & 3, s.last_bytes(2)));
  h[20] = mix(90, s.word + s.last(1));
  distant_contexts(s, h);
}

}  // namespace nzip::engine1::NZIP_ISA::contexts
