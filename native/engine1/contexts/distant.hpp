// Contexts that binary data and records share in the full set.
#pragma once

#include <cstdint>

#include "engine1/lane_state.hpp"

namespace nzip::engine1::NZIP_ISA::contexts {

// The last bytes, some of them left out, and many of them.
inline void distant_contexts(const LaneState& s, uint64_t* h) {
  h[21] = mix(91, s.last(1));
  h[22] = mix(92, mix(s.last8, s.older8 & 0xffffffff));
  h[23] = mix(93, s.last_bytes(2) & 0xff00);
  h[24] = mix(94, s.last_bytes(6) & 0xff0000ff0000);
  h[25] = mix(95, s.last_bytes(8) & 0xff000000ff000000);
  h[26] = mix(96, s.last_bytes(8) & 0xff00000000000000);
  h[27] = mix(97, mix(s.position & 15, s.last(1)));
}

}  // namespace nzip::engine1::NZIP_ISA::contexts
