// Contexts of text: words, lines, brackets, and the shapes of what came last.
#pragma once

#include <cstdint>

#include "engine1/lane_state.hpp"
#include "engine1/neighbours.hpp"

namespace nzip::engine1::contexts {

// The contexts that the strong set and the full one share: all of the former's but number 18.
inline void text_contexts(const LaneState& s, const uint8_t* history, const uint16_t* followers, uint64_t* h) {
  h[0] = mix(1, s.last_bytes(4));
  h[1] = mix(2, s.last_bytes(3));
  h[2] = mix(3, s.last_bytes(2));
  h[4] = mix(11, s.last_bytes(3) & 0xffff00);
  h[5] = mix(16, s.flowing8 & 0xffffffffff);
  const uint64_t line = line_byte(s, history);
  h[6] = mix(4, s.word + s.last(1) * kHashA);
  h[7] = mix(5, s.classes & 0xffffffff);
  h[8] = mix(6, mix(s.word, s.word1) + s.last(1));
  h[9] = mix(7, mix(line_column(s), line << 8 | s.last(1)));
  h[10] = mix(8, s.classes);
  h[11] = mix(30, mix(s.classes & 0xffffff, s.last(1)));
  h[12] = mix(31, mix(s.indent, s.word));
  h[13] = mix(32, mix(s.innermost(), s.word) + s.last(1));
  h[14] = mix(33, mix(s.line_first, s.word));
  h[15] = mix(34, mix(s.word, s.word2));
  h[16] = mix(35, mix(s.innermost(), s.last_bytes(2)));
  h[17] = mix(36, mix(line, s.word));
  h[3] = mix(39, mix(followers[s.last_bytes(2)], s.last(1)));
  h[19] = mix(38, s.flowing8);
}

// Those that the full set has beside them.
inline void more_text_contexts(const LaneState& s, uint64_t* h) {
  h[20] = mix(10, s.flowing8 & 0xffffffffffff);
  h[21] = mix(60, mix(mix(s.word, s.word1), s.word2));
  h[22] = mix(61, mix(s.last8, s.older8 & 0xffffffff));
  h[23] = mix(62, mix(s.letters & 0xffffffffff, s.word == 0));
  h[24] = mix(63, mix(s.word1, s.last(1)));
  h[18] = mix(75, mix(mix(s.class1, s.class2), s.class3) + mix(s.word, s.last(1)));
  h[25] = mix(76, mix(s.class1, s.word) + s.last(1));
  h[26] = mix(77, mix(mix(s.class1, s.class2), s.word) + s.last(1));
  h[28] = mix(67, mix(s.shape & 0xffffffff, s.last(1)));
  h[29] = mix(68, mix(s.shape & 0xffffff, s.word));
  h[30] = mix(69, mix(s.punctuation & 0xffffff, s.word));
  h[31] = mix(70, mix(s.word1, s.classes & 0xfff));
  h[32] = mix(71, mix(s.tag, s.word) + s.last(1));
  h[33] = mix(72, mix(s.field, s.last_bytes(2)));
  h[34] = mix(73, mix(s.key, s.word) + s.last(1));
  h[35] = mix(74, mix(s.shape, s.last(1)));
  h[27] = mix(66, mix(s.expected << 8 | s.last(1), s.matched));
}

}  // namespace nzip::engine1::contexts
