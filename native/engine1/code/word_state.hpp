// Follows machine code of 32-bit instructions, the most significant byte first.
#pragma once

#include <cstdint>

namespace nzip::engine1 {

struct WordState {
  uint32_t at = 0;        // bytes of the current word that are known
  uint32_t part = 0;      // these bytes, newest lowest
  uint32_t word[8] = {};  // the words before it, newest first

  void push(uint8_t c) {
    part = part << 8 | c;
    if (++at < 4) return;
    for (int i = 7; i > 0; --i) word[i] = word[i - 1];
    word[0] = part;
    at = part = 0;
  }
};

}  // namespace nzip::engine1
