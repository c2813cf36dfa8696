// Contexts of machine code: instructions and their fields.
#pragma once

#include <cstdint>

#include "cm/lane_state.hpp"

namespace nzip::full {

inline void x86_contexts(const LaneState& s, uint64_t* h) {
  const X86State& x = s.x86;
  const uint64_t slot = x.slot();
  const uint64_t here = mix(x.whole, slot);       // the instruction so far
  const uint64_t operand = mix(slot, x.operand);  // the operand so far, whatever the instruction
  h[0] = mix(200, here);
  h[1] = mix(201, mix(here, x.opcodes & 0xff));
  h[2] = mix(202, mix(here, x.opcodes & 0xffff));
  h[3] = mix(203, mix(here, x.opcodes & 0xffffffff));
  h[4] = mix(204, mix(here, x.opcodes));
  h[5] = mix(205, mix(here, x.starts[0]));
  h[6] = mix(206, mix(here, x.starts[1]));
  h[7] = mix(207, mix(here, x.starts[2]));
  h[8] = mix(208, mix(here, mix(x.starts[0], x.starts[1])));
  h[9] = mix(209, mix(here, mix(mix(x.starts[0], x.starts[1]), mix(x.starts[2], x.starts[3]))));
  h[10] = mix(210, mix(here, x.before_last));
  h[11] = mix(211, mix(here, x.immediate));
  h[12] = mix(212, mix(here, mix(x.displacement, x.opcodes & 0xff)));
  h[13] = mix(213, operand);
  h[14] = mix(214, mix(operand, x.displacement));
  h[15] = mix(215, mix(operand, x.opcode << 8 | (x.modrm & 0xc7)));
  h[16] = mix(216, mix(operand, x.opcode << 8 | (x.modrm & 0x38)));
  h[17] = mix(217, mix(operand, mix(x.modrm & 0xc7, x.opcodes & 0xff)));
  h[18] = mix(218, mix(slot, mix(x.opcode, x.opcodes & 0xffffff)));
  h[19] = mix(219, mix(slot, x.modrm));
  h[20] = mix(220, mix(slot, s.last(1)));
  h[21] = mix(221, s.last_bytes(2));
  h[22] = mix(222, s.last_bytes(3));
  h[23] = mix(223, s.last_bytes(3) & 0xffff00);
  h[24] = mix(224, s.last_bytes(4) & 0xffff0000);
  h[25] = mix(225, s.last_bytes(6) & 0xff0000ff0000);
  h[26] = mix(226, s.last_bytes(4) & 0xf8f8f8f8);
  h[27] = mix(227, s.classes & 0xffffffff);
}

inline void word_contexts(const LaneState& s, uint64_t* h) {
  const WordState& w = s.words;
  const uint64_t at = w.at, here = mix(at, w.part);
  const uint32_t op = 0xffc00000;
  const uint32_t shift = 24 - 8 * w.at;
  const auto same = [&](int i) { return w.word[i] >> shift & 255; };
  h[0] = mix(1, mix(at, s.last_bytes(4)));
  h[1] = mix(2, mix(at, s.last_bytes(3)));
  h[2] = mix(3, mix(at, s.last_bytes(2)));
  h[3] = mix(10, s.last_bytes(6));
  h[4] = mix(11, s.last_bytes(3) & 0xffff00);
  h[5] = mix(16, s.last_bytes(5));
  h[6] = mix(220, here);
  h[7] = mix(221, mix(here, w.word[0]));
  h[8] = mix(222, mix(here, w.word[0] & op));
  h[9] = mix(223, mix(here, mix(w.word[0] & op, w.word[1] & op)));
  h[10] = mix(224, mix(here, mix(mix(w.word[0] & op, w.word[1] & op), w.word[2] & op)));
  h[11] = mix(225, mix(here, mix(w.word[0], w.word[1])));
  h[12] = mix(226, mix(here, w.word[1]));
  h[13] = mix(227, mix(here, same(0)));
  h[14] = mix(228, mix(here, same(0) << 8 | same(1)));
  h[15] = mix(229, mix(here, same(1)));
  h[16] = mix(230, mix(at, same(0) << 8 | same(1)));
  h[17] = mix(231, mix(here, w.word[0] & 0xffff));
  h[18] = mix(232, mix(here, mix(w.word[0], mix(w.word[1], w.word[2]))));
  h[19] = mix(233, mix(here, mix(mix(w.word[0] & op, w.word[1] & op), mix(w.word[2] & op, w.word[3] & op))));
  h[20] = mix(90, s.last_bytes(7));
  h[21] = mix(91, mix(at, s.last(1)));
  h[22] = mix(92, mix(s.last8, s.older8 & 0xffffffff));
  h[23] = mix(234, mix(at, w.part & 0xff) + (w.word[0] & 0xff));
  h[24] = mix(235, mix(here, w.word[2]));
  h[25] = mix(236, mix(at, w.word[0] >> 24 << 16 | w.word[1] >> 24 << 8 | w.word[2] >> 24));
  h[26] = mix(237, mix(here, w.word[3]));
  h[27] = mix(12, s.last_bytes(4) & 0xffff0000);
}

inline void executable_contexts(const LaneState& s, uint64_t* h) {
  if (s.machine <= kX64)
    x86_contexts(s, h);
  else
    word_contexts(s, h);
}

}  // namespace nzip::full
