// Contexts of text: words, lines, brackets, and the shapes of what came last.
#pragma once

#include <cstdint>
#include <tuple>

#include "engine1/contexts/rows.hpp"
#include "engine1/lane_state.hpp"
#include "engine1/neighbours.hpp"

namespace nzip::engine1::NZIP_ISA::contexts {

struct Text : View {
  Text(const LaneState& lane, const uint8_t* history, const uint16_t* followers)
      : View(lane, history, followers), line(line_byte(lane, history)), followed(followers[lane.last_bytes(2)]) {}
  uint64_t line;      // the byte in the same column of the line above
  uint64_t followed;  // what came after the last two bytes before
};

// The rows that the strong set and the full one share.
inline constexpr auto kTextRows = std::tuple{
    Row{"order 4", kWarmed, [](const Text& t) { return mix(1, t.s.last_bytes(4)); }},
    Row{"order 3", kWarmed, [](const Text& t) { return mix(2, t.s.last_bytes(3)); }},
    Row{"order 2", kWarmed, [](const Text& t) { return mix(3, t.s.last_bytes(2)); }},
    Row{"followers", kCold, [](const Text& t) { return mix(39, mix(t.followed, t.s.last(1))); }},
    Row{"all but the last byte", kWarmed, [](const Text& t) { return mix(11, t.s.last_bytes(3) & 0xffff00); }},
    Row{"order 5", kWarmed, [](const Text& t) { return mix(16, t.s.flowing8 & 0xffffffffff); }},
    Row{"word", kWarmed, [](const Text& t) { return mix(4, t.s.word + t.s.last(1) * kHashA); }},
    Row{"8 classes", kWarmed, [](const Text& t) { return mix(5, t.s.classes & 0xffffffff); }},
    Row{"2 words", kWarmed, [](const Text& t) { return mix(6, mix(t.s.word, t.s.word1) + t.s.last(1)); }},
    Row{"column", kCold, [](const Text& t) { return mix(7, mix(line_column(t.s), t.line << 8 | t.s.last(1))); }},
    Row{"16 classes", kCold, [](const Text& t) { return mix(8, t.s.classes); }},
    Row{"6 classes", kCold, [](const Text& t) { return mix(30, mix(t.s.classes & 0xffffff, t.s.last(1))); }},
    Row{"indentation", kCold, [](const Text& t) { return mix(31, mix(t.s.indent, t.s.word)); }},
    Row{"bracket, word", kWarmed, [](const Text& t) { return mix(32, mix(t.s.innermost(), t.s.word) + t.s.last(1)); }},
    Row{"line's first byte", kCold, [](const Text& t) { return mix(33, mix(t.s.line_first, t.s.word)); }},
    Row{"word, the second before", kCold, [](const Text& t) { return mix(34, mix(t.s.word, t.s.word2)); }},
    Row{"bracket, order 2", kCold, [](const Text& t) { return mix(35, mix(t.s.innermost(), t.s.last_bytes(2))); }},
    Row{"line above, word", kCold, [](const Text& t) { return mix(36, mix(t.line, t.s.word)); }},
};

inline constexpr auto kOrder8 = std::tuple{
    Row{"order 8", kWarmed, [](const Text& t) { return mix(38, t.s.flowing8); }},
};

inline constexpr auto kStrongTextRows = std::tuple_cat(
    kTextRows,
    std::tuple{
        Row{"2 words before", kCold, [](const Text& t) { return mix(37, mix(t.s.word1, t.s.word2) + t.s.last(1)); }},
    },
    kOrder8);

inline constexpr auto kFullTextRows = std::tuple_cat(
    kTextRows,
    std::tuple{
        Row{"3 word classes", kCold,
            [](const Text& t) {
              return mix(75, mix(mix(t.s.class1, t.s.class2), t.s.class3) + mix(t.s.word, t.s.last(1)));
            }},
    },
    kOrder8,
    std::tuple{
        Row{"order 6", kCold, [](const Text& t) { return mix(10, t.s.flowing8 & 0xffffffffffff); }},
        Row{"3 words", kCold, [](const Text& t) { return mix(60, mix(mix(t.s.word, t.s.word1), t.s.word2)); }},
        Row{"order 12", kCold, [](const Text& t) { return mix(61, mix(t.s.last8, t.s.older8 & 0xffffffff)); }},
        Row{"5 letters", kCold, [](const Text& t) { return mix(62, mix(t.s.letters & 0xffffffffff, t.s.word == 0)); }},
        Row{"word before", kCold, [](const Text& t) { return mix(63, mix(t.s.word1, t.s.last(1))); }},
        Row{"word class", kCold, [](const Text& t) { return mix(76, mix(t.s.class1, t.s.word) + t.s.last(1)); }},
        Row{"2 word classes", kCold,
            [](const Text& t) { return mix(77, mix(mix(t.s.class1, t.s.class2), t.s.word) + t.s.last(1)); }},
        Row{"expected byte", kCold,
            [](const Text& t) { return mix(66, mix(t.s.expected << 8 | t.s.last(1), t.s.matched)); }},
        Row{"shape", kWarmed, [](const Text& t) { return mix(67, mix(t.s.shape & 0xffffffff, t.s.last(1))); }},
        Row{"shape, word", kCold, [](const Text& t) { return mix(68, mix(t.s.shape & 0xffffff, t.s.word)); }},
        Row{"punctuation", kCold, [](const Text& t) { return mix(69, mix(t.s.punctuation & 0xffffff, t.s.word)); }},
        Row{"word before, classes", kCold, [](const Text& t) { return mix(70, mix(t.s.word1, t.s.classes & 0xfff)); }},
        Row{"tag", kCold, [](const Text& t) { return mix(71, mix(t.s.tag, t.s.word) + t.s.last(1)); }},
        Row{"field", kCold, [](const Text& t) { return mix(72, mix(t.s.field, t.s.last_bytes(2))); }},
        Row{"key", kCold, [](const Text& t) { return mix(73, mix(t.s.key, t.s.word) + t.s.last(1)); }},
        Row{"long shape", kCold, [](const Text& t) { return mix(74, mix(t.s.shape, t.s.last(1))); }},
    });

}  // namespace nzip::engine1::NZIP_ISA::contexts
