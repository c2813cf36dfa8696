// Follows machine code of 32-bit instructions, the most significant byte first.
#pragma once

#include <cstdint>

#include "base/segments.hpp"
#include "engine1/code/jump_targets.hpp"

namespace nzip::engine1 {

struct WordState {
  uint32_t at = 0;        // bytes of the current word that are known
  uint32_t part = 0;      // these bytes, newest lowest
  uint32_t word[8] = {};  // the words before it, newest first
  uint32_t place = 0;     // words before it in the segment
  JumpTargets jumps;      // in words

  void push(uint8_t c, uint32_t machine) {
    part = part << 8 | c;
    if (++at < 4) return;
    for (int i = 7; i > 0; --i) word[i] = word[i - 1];
    word[0] = part;
    at = part = 0;
    const int32_t distance = machine == kSparc ? sparc_jump(word[0]) : arm64_jump(word[0]);
    if (distance) jumps.add(place + uint32_t(distance));
    jumps.look_from(++place);
  }

 private:
  static int32_t extended(uint32_t v, int bits) { return int32_t(v << (32 - bits)) >> (32 - bits); }

  // How many words a jump leads, 0: no jump. B, B.cond, CBZ and CBNZ, TBZ and TBNZ.
  static int32_t arm64_jump(uint32_t w) {
    if (w >> 26 == 5) return extended(w, 26);
    if (w >> 24 == 0x54 || (w & 0x7e000000) == 0x34000000) return extended(w >> 5, 19);
    return (w & 0x7e000000) == 0x36000000 ? extended(w >> 5, 14) : 0;
  }
  // Bicc and FBfcc, BPcc and FBPfcc, BPr.
  static int32_t sparc_jump(uint32_t w) {
    if (w >> 30) return 0;
    const uint32_t op2 = w >> 22 & 7;
    if (op2 == 2 || op2 == 6) return extended(w, 22);
    if (op2 == 1 || op2 == 5) return extended(w, 19);
    return op2 == 3 ? extended((w >> 20 & 3) << 14 | (w & 0x3fff), 16) : 0;
  }
};

}  // namespace nzip::engine1
