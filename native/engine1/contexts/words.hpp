// Contexts of machine code of 32-bit instructions. The most useful come first: a set that mixes fewer takes those.
#pragma once

#include <cstdint>
#include <tuple>

#include "engine1/contexts/bytes.hpp"

namespace nzip::engine1::NZIP_ISA::contexts {

struct Words : View {
  Words(const LaneState& lane, const uint8_t* history, const uint16_t* followers)
      : View(lane, history, followers),
        w(lane.words),
        followed(followers[lane.last_bytes(2)]),
        is_sparc(lane.machine == kSparc),
        at(w.at),
        last(mix(at, s.last(1))),
        here(mix(at, w.part)),
        near(w.jumps.near()),
        op2(mix(op(0), op(1))),
        op3(mix(op2, op(2))),
        op4(mix(op3, op(3))) {}
  const WordState& w;
  uint64_t followed;  // what came after the last two bytes before
  bool is_sparc;
  uint64_t at, last;       // the place in the word, that and the byte before
  uint64_t here;           // the word so far
  uint64_t near;           // how far the nearest target of a jump is
  uint64_t op2, op3, op4;  // what so many instructions before do

  // Of an instruction before: the bits that say what it does, its target register, and the byte in the same place.
  uint32_t op(int i) const { return w.word[i] & (is_sparc ? 0xc1f80000 : 0xffc00000); }
  uint32_t target(int i) const { return is_sparc ? w.word[i] >> 25 & 31 : w.word[i] & 31; }
  uint32_t above(int i) const { return w.word[i] >> (24 - 8 * w.at) & 255; }
};

inline constexpr auto kWordsRows = std::tuple{
    Row{"word so far", [](const Words& c) { return mix(240, c.here); }},
    Row{"place, order 1", [](const Words& c) { return c.last; }},
    Row{"bytes 2 3", [](const View& v) { return mix(242, v.s.last_bytes(3) & 0xffff00); }},
    Row{"order 2", [](const View& v) { return mix(243, v.s.last_bytes(2)); }},
    Row{"operation before", [](const Words& c) { return mix(244, mix(c.here, c.op(0))); }},
    Row{"operation before, target", [](const Words& c) { return mix(245, mix(c.here, mix(c.op(0), c.target(0)))); }},
    Row{"word but one before", [](const Words& c) { return mix(246, mix(c.here, c.w.word[1])); }},
    Row{"order 1, operation before", [](const Words& c) { return mix(247, mix(c.last, c.op(0))); }},
    Row{"4 operations", [](const Words& c) { return mix(248, mix(c.here, c.op4)); }},
    Row{"bytes 3 4", [](const View& v) { return mix(249, v.s.last_bytes(4) & 0xffff0000); }},
    Row{"byte above but one", [](const Words& c) { return mix(250, mix(c.here, c.above(1))); }},
    Row{"2 bytes above", [](const Words& c) { return mix(251, mix(c.at, c.above(0) << 8 | c.above(1))); }},
    Row{"first bytes of 3 words",
        [](const Words& c) {
          return mix(252, mix(c.at, c.w.word[0] >> 24 << 16 | c.w.word[1] >> 24 << 8 | c.w.word[2] >> 24));
        }},
    Row{"operation but one before", [](const Words& c) { return mix(253, mix(c.here, c.op(1))); }},
    Row{"byte above, order 1",
        [](const Words& c) {
          return mix(254, mix(c.w.at ? c.w.part >> (8 * (c.w.at - 1)) : 0, c.above(0) << 2 | c.at));
        }},
    Row{"6 operations", [](const Words& c) { return mix(255, mix(c.here, mix(mix(c.op4, c.op(4)), c.op(5)))); }},
    Row{"target", [](const Words& c) { return mix(256, mix(c.here, c.target(0))); }},
    Row{"word but two before", [](const Words& c) { return mix(257, mix(c.here, c.w.word[2])); }},
    Row{"2 operations", [](const Words& c) { return mix(258, mix(c.here, c.op2)); }},
    Row{"byte above", [](const Words& c) { return mix(259, mix(c.here, c.above(0))); }},
    Row{"3 operations", [](const Words& c) { return mix(260, mix(c.here, c.op3)); }},
    Row{"word before", [](const Words& c) { return mix(261, mix(c.here, c.w.word[0])); }},
    Row{"word but three before", [](const Words& c) { return mix(262, mix(c.here, c.w.word[3])); }},
    Row{"3 words before",
        [](const Words& c) { return mix(263, mix(c.here, mix(c.w.word[0], mix(c.w.word[1], c.w.word[2])))); }},
    Row{"byte above but two", [](const Words& c) { return mix(264, mix(c.here, c.above(2))); }},
    Row{"order 1, 2 operations", [](const Words& c) { return mix(265, mix(c.last, c.op2)); }},
    Row{"order 1, 2 targets", [](const Words& c) { return mix(266, mix(c.last, c.target(0) << 5 | c.target(1))); }},
    Row{"order 3", [](const View& v) { return mix(267, v.s.last_bytes(3)); }},
    Row{"near target", [](const Words& c) { return mix(268, mix(c.here, c.near)); }},
    Row{"near target, operation before", [](const Words& c) { return mix(269, mix(mix(c.at, c.near), c.op(0))); }},
    Row{"followers, place", [](const Words& c) { return mix(270, mix(c.followed, c.at)); }},
};

}  // namespace nzip::engine1::NZIP_ISA::contexts
