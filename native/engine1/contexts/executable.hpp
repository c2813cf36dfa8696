// Contexts of machine code: instructions and their fields. The most useful come first: a set that mixes fewer takes
// those.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine1/contexts/wasm.hpp"
#include "engine1/lane_state.hpp"

namespace nzip::engine1::NZIP_ISA::contexts {

inline void x86_contexts(const LaneState& s, uint64_t* h) {
  const X86State& x = s.x86;
  const uint64_t slot = x.slot();
  const uint64_t here = mix(x.whole, slot);       // the instruction so far
  const uint64_t operand = mix(slot, x.operand);  // the operand so far, whatever the instruction
  h[0] = mix(200, operand);
  h[1] = mix(201, mix(here, x.opcodes));
  h[2] = mix(202, mix(slot, x.modrm));
  h[3] = mix(203, s.last_bytes(2));
  h[4] = mix(204, mix(slot, mix(x.opcode, x.opcodes & 0xffffff)));
  h[5] = mix(205, mix(here, x.opcodes & 0xff));
  h[6] = mix(206, mix(slot, s.last(1)));
  h[7] = mix(207, mix(here, x.starts[0]));
  h[8] = mix(208, mix(here, x.opcodes & 0xffff));
  h[9] = mix(209, mix(operand, x.opcode << 8 | (x.modrm & 0xc7)));
  h[10] = mix(210, s.last_bytes(4) & 0xffff0000);
  h[11] = mix(211, mix(here, mix(x.starts[0], x.starts[1])));
  h[12] = mix(212, s.last_bytes(3) & 0xffff00);
  h[13] = mix(213, mix(here, x.opcodes & 0xffffffff));
  h[14] = mix(214, mix(here, x.starts[1]));
  h[15] = mix(215, mix(here, x.before_last));
  h[16] = mix(216, mix(here, x.starts[2]));
  h[17] = mix(217, mix(here, x.immediate));
  h[18] = mix(218, mix(operand, x.displacement));
  h[19] = mix(219, mix(operand, x.opcode << 8 | (x.modrm & 0x38)));
  h[20] = mix(220, here);
  h[21] = mix(221, mix(here, mix(mix(x.starts[0], x.starts[1]), mix(x.starts[2], x.starts[3]))));
  h[22] = mix(222, mix(here, mix(x.displacement, x.opcodes & 0xff)));
  h[23] = mix(223, mix(operand, mix(x.modrm & 0xc7, x.opcodes & 0xff)));
  h[24] = mix(224, s.last_bytes(3));
  h[25] = mix(225, s.last_bytes(6) & 0xff0000ff0000);
  h[26] = mix(226, s.last_bytes(4) & 0xf8f8f8f8);
  h[27] = mix(227, s.classes & 0xffffffff);
}

inline void word_contexts(const LaneState& s, uint64_t* h) {
  const WordState& w = s.words;
  const bool sparc = s.machine == kSparc;
  // The bits that say what an instruction does, and its target register.
  const uint32_t mask = sparc ? 0xc1f80000 : 0xffc00000;
  const auto op = [&](int i) { return w.word[i] & mask; };
  const auto target = [&](int i) { return sparc ? w.word[i] >> 25 & 31 : w.word[i] & 31; };
  const auto above = [&](int i) { return w.word[i] >> (24 - 8 * w.at) & 255; };
  const uint64_t op2 = mix(op(0), op(1)), op3 = mix(op2, op(2)), op4 = mix(op3, op(3));
  const uint64_t at = w.at, last = mix(at, s.last(1));
  const uint64_t here = mix(at, w.part);  // the word so far
  h[0] = mix(240, here);
  h[1] = last;
  h[2] = mix(242, s.last_bytes(3) & 0xffff00);
  h[3] = mix(243, s.last_bytes(2));
  h[4] = mix(244, mix(here, op(0)));
  h[5] = mix(245, mix(here, mix(op(0), target(0))));
  h[6] = mix(246, mix(here, w.word[1]));
  h[7] = mix(247, mix(last, op(0)));
  h[8] = mix(248, mix(here, op4));
  h[9] = mix(249, s.last_bytes(4) & 0xffff0000);
  h[10] = mix(250, mix(here, above(1)));
  h[11] = mix(251, mix(at, above(0) << 8 | above(1)));
  h[12] = mix(252, mix(at, w.word[0] >> 24 << 16 | w.word[1] >> 24 << 8 | w.word[2] >> 24));
  h[13] = mix(253, mix(here, op(1)));
  h[14] = mix(254, mix(w.at ? w.part >> (8 * (w.at - 1)) : 0, above(0) << 2 | at));
  h[15] = mix(255, mix(here, mix(mix(op4, op(4)), op(5))));
  h[16] = mix(256, mix(here, target(0)));
  h[17] = mix(257, mix(here, w.word[2]));
  h[18] = mix(258, mix(here, op2));
  h[19] = mix(259, mix(here, above(0)));
  h[20] = mix(260, mix(here, op3));
  h[21] = mix(261, mix(here, w.word[0]));
  h[22] = mix(262, mix(here, w.word[3]));
  h[23] = mix(263, mix(here, mix(w.word[0], mix(w.word[1], w.word[2]))));
  h[24] = mix(264, mix(here, above(2)));
  h[25] = mix(265, mix(last, op2));
  h[26] = mix(266, mix(last, target(0) << 5 | target(1)));
  h[27] = mix(267, s.last_bytes(3));
}

inline void executable_contexts(const LaneState& s, uint64_t* h) {
  if (s.is_x86())
    x86_contexts(s, h);
  else if (s.is_wasm())
    wasm_contexts(s, h);
  else
    word_contexts(s, h);
}

template <int kCount>
inline void first_executable_contexts(const LaneState& s, uint64_t* h) {
  uint64_t all[28];
  executable_contexts(s, all);
  std::copy_n(all, kCount, h);
}

}  // namespace nzip::engine1::NZIP_ISA::contexts
