// What a lane knows of the bytes it has coded: the features that contexts are made of.
#pragma once

#include <cstdint>

#include "cm/engine.hpp"
#include "cm/hash.hpp"

namespace nzip {

struct LaneState {
  uint32_t begin = 0;     // position of the lane's first byte
  uint32_t position = 0;  // position of the next byte
  uint64_t last8 = 0;     // the last eight bytes, newest lowest

  uint64_t word = 0;              // hash of the letters since the last break, 0 between words
  uint64_t word1 = 0, word2 = 0;  // the words before it
  uint64_t gap = 0;               // hash of the bytes between the last word and here
  uint32_t line_begin = 0;        // position of the current line's first byte
  uint32_t last_line_begin = 0;
  uint8_t line_first = 0;         // its first byte, 0 at the line's start

  uint32_t segment = 0;           // index into the block's segment list
  uint64_t segment_end = 0;       // position behind the current segment
  uint32_t kind = 0, stride = 0;  // of the current segment
  uint32_t column = 0;            // position in the record

  uint8_t last(int n) const { return uint8_t(last8 >> (8 * (n - 1))); }

  void enter(uint32_t at) { begin = position = line_begin = last_line_begin = at; }

  // Takes in the byte just written at `position`.
  void push(uint8_t c) {
    last8 = last8 << 8 | c;
    ++position;
    const uint8_t letter = c >= 'A' && c <= 'Z' ? c + 32 : c;
    if ((letter >= 'a' && letter <= 'z') || c >= 128) {
      word = mix(word, letter);
      gap = 0;
    } else {
      if (word) word2 = word1, word1 = word, word = 0;
      gap = mix(gap, c);
    }
    if (c == '\n') {
      last_line_begin = line_begin;
      line_begin = position;
      line_first = 0;
    } else if (position == line_begin + 1) {
      line_first = c;
    }
    if (stride && ++column == stride) column = 0;
  }
};

}  // namespace nzip
