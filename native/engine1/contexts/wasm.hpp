// Contexts of WebAssembly: instructions, locals and the operand stack. The most useful come first: a set that mixes
// fewer takes those.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine1/lane_state.hpp"

namespace nzip::engine1::NZIP_ISA::contexts {

inline void wasm_contexts(const LaneState& s, uint64_t* h) {
  const WasmState& w = s.wasm;
  const uint64_t here = mix(w.whole, w.field);                 // the instruction so far
  const uint64_t operand = mix(w.field << 8 | w.at, w.value);  // the field so far, whatever the instruction
  const auto opcodes = [&](int n) { return w.opcodes & ((uint64_t(1) << 8 * n) - 1); };
  const uint64_t local = w.locals & 0xffff, depth = std::min(w.depth, 255u);
  const uint64_t before = w.before[w.field];
  h[0] = mix(400, mix(here, opcodes(4)));
  h[1] = mix(401, mix(operand, opcodes(1)));
  h[2] = mix(402, mix(here, w.opcodes));
  h[3] = mix(403, s.classes & 0xffffffff);
  h[4] = mix(404, s.last_bytes(2));
  h[5] = mix(405, mix(here, w.operands & 0xffff));
  h[6] = mix(406, s.last_bytes(3) & 0xffff00);
  h[7] = mix(407, mix(here, before));
  h[8] = mix(408, s.last_bytes(4));
  h[9] = mix(409, operand);
  h[10] = mix(410, s.classes & 0xffff);
  h[11] = mix(411, s.last_bytes(4) & 0xf0f0f0f0);
  h[12] = mix(412, mix(here, w.blocks & 0xffff));
  h[13] = mix(413, mix(here, opcodes(6)));
  h[14] = mix(414, mix(here, mix(w.last[0], w.operands & 0xffffff)));
  h[15] = mix(415, mix(here, mix(local, opcodes(2))));
  h[16] = mix(416, mix(here, w.locals & 0xffffffffffff));
  h[17] = mix(417, mix(here, w.locals >> 16 & 0xffff));
  h[18] = mix(418, mix(operand, local));
  h[19] = mix(419, here);
  h[20] = mix(420, mix(here, depth));
  h[21] = mix(421, mix(here, w.before[WasmState::kFunction]));
  h[22] = mix(422, s.last_bytes(6) & 0xf8f8f8f8f8f8);
  h[23] = mix(423, mix(here, w.before[WasmState::kLabel]));
  h[24] = mix(424, mix(operand, before));
  h[25] = mix(425, mix(here, mix(w.last[1], opcodes(1))));
  h[26] = mix(426, mix(here, mix(opcodes(1), local)));
  h[27] = mix(427, mix(here, opcodes(3)));
}

}  // namespace nzip::engine1::NZIP_ISA::contexts
