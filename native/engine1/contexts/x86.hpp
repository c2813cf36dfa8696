// Contexts of x86 code: instructions and their fields. The most useful come first: a set that mixes fewer takes those.
#pragma once

#include <array>
#include <cstdint>
#include <tuple>

#include "engine1/contexts/bytes.hpp"

namespace nzip::engine1::NZIP_ISA::contexts {

struct X86 : View {
  X86(const LaneState& lane, const uint8_t* history, const uint16_t* followers)
      : View(lane, history, followers),
        x(lane.x86),
        followed(followers[lane.last_bytes(2)]),
        slot(x.slot()),
        here(mix(x.whole, slot)),
        operand(mix(slot, x.operand)),
        address(mix(operand, x.modrm & 0xc7)),
        near(x.jumps.near()) {}
  const X86Flow& x;
  uint64_t followed;  // what came after the last two bytes before
  uint64_t slot;
  uint64_t here;     // the instruction so far
  uint64_t operand;  // the operand so far, whatever the instruction
  uint64_t address;  // that of a displacement, and its kind of address
  uint64_t near;     // how far the nearest target of a jump is

  uint32_t base() const { return x.modrm & 7; }
  uint64_t before() const { return x.opcodes & 0xff; }
  uint64_t around() const { return mix(slot, mix(near, before())); }
  uint64_t operation() const { return mix(operand, x.opcode); }  // the operand so far and the opcode

  // One of them, by what kind of operand the next byte belongs to.
  uint64_t by_operand(uint64_t none, uint64_t jump, uint64_t call, uint64_t displacement, uint64_t immediate) const {
    return std::array{none, jump, call, displacement, immediate}[x.operand_kind()];
  }
};

inline constexpr auto kX86Rows = std::tuple{
    Row{"operand", [](const X86& c) { return mix(200, c.operand); }},
    Row{"8 opcodes", [](const X86& c) { return mix(201, mix(c.here, c.x.opcodes)); }},
    Row{"ModRM", [](const X86& c) { return mix(202, mix(c.slot, c.x.modrm)); }},
    Row{"near target",
        [](const X86& c) {
          return mix(228,
                     c.by_operand(mix(c.here, c.near), mix(c.operand, c.x.jumps.ahead[0] << 8 | c.x.jumps.ahead[1]),
                                  mix(c.operand, c.x.calls[0]), mix(c.address, c.x.set_by[c.base()]),
                                  mix(c.operand, mix(c.x.modrm, c.x.pushes))));
        }},
    Row{"opcode, 3 before",
        [](const X86& c) { return mix(204, mix(c.slot, mix(c.x.opcode, c.x.opcodes & 0xffffff))); }},
    Row{"1 opcode", [](const X86& c) { return mix(205, mix(c.here, c.x.opcodes & 0xff)); }},
    Row{"slot, order 1", [](const X86& c) { return mix(206, mix(c.slot, c.s.last(1))); }},
    Row{"start before", [](const X86& c) { return mix(207, mix(c.here, c.x.starts[0])); }},
    Row{"near target, slot, 1 opcode",
        [](const X86& c) {
          return mix(230, c.by_operand(c.around(), mix(c.x.jumps.ahead[0], c.x.jumps.ahead[1]), c.around(),
                                       mix(c.address, c.x.displacements[c.base()]), c.around()));
        }},
    Row{"order 2", [](const View& v) { return mix(203, v.s.last_bytes(2)); }},
    Row{"2 opcodes", [](const X86& c) { return mix(208, mix(c.here, c.x.opcodes & 0xffff)); }},
    Row{"operand, opcode, address",
        [](const X86& c) { return mix(209, mix(c.operand, c.x.opcode << 8 | (c.x.modrm & 0xc7))); }},
    Row{"bytes 3 4", [](const View& v) { return mix(210, v.s.last_bytes(4) & 0xffff0000); }},
    Row{"2 starts before", [](const X86& c) { return mix(211, mix(c.here, mix(c.x.starts[0], c.x.starts[1]))); }},
    Row{"bytes 2 3", [](const View& v) { return mix(212, v.s.last_bytes(3) & 0xffff00); }},
    Row{"4 opcodes", [](const X86& c) { return mix(213, mix(c.here, c.x.opcodes & 0xffffffff)); }},
    Row{"start but one before", [](const X86& c) { return mix(214, mix(c.here, c.x.starts[1])); }},
    Row{"target, start before",
        [](const X86& c) {
          return mix(231, c.by_operand(mix(c.here, mix(uint64_t(c.x.jumps.here), c.x.starts[0])),
                                       mix(c.x.opcode, c.x.jumps.ahead[0]),
                                       c.x.opcode == 0xe8 ? mix(c.operand, mix(c.x.set_by[0], c.x.pushes))
                                                          : mix(c.operand, mix(c.x.jumps.last, c.x.calls[0])),
                                       mix(c.operation(), mix(c.x.modrm & 0xc7, c.x.displacements[c.base()])),
                                       mix(c.operation(), mix(c.x.modrm, c.x.immediates[c.base()]))));
        }},
    Row{"saved registers", [](const X86& c) { return mix(232, mix(c.here, c.x.popping)); }},
    Row{"last but one", [](const X86& c) { return mix(215, mix(c.here, c.x.before_last)); }},
    Row{"start but two before", [](const X86& c) { return mix(216, mix(c.here, c.x.starts[2])); }},
    Row{"immediate", [](const X86& c) { return mix(217, mix(c.here, c.x.immediate)); }},
    Row{"operand, displacement", [](const X86& c) { return mix(218, mix(c.operand, c.x.displacement)); }},
    Row{"operand, opcode, register",
        [](const X86& c) { return mix(219, mix(c.operand, c.x.opcode << 8 | (c.x.modrm & 0x38))); }},
    Row{"instruction", [](const X86& c) { return mix(220, c.here); }},
    Row{"4 starts before",
        [](const X86& c) {
          return mix(221, mix(c.here, mix(mix(c.x.starts[0], c.x.starts[1]), mix(c.x.starts[2], c.x.starts[3]))));
        }},
    Row{"displacement, 1 opcode",
        [](const X86& c) { return mix(222, mix(c.here, mix(c.x.displacement, c.x.opcodes & 0xff))); }},
    Row{"operand, address, 1 opcode",
        [](const X86& c) { return mix(223, mix(c.operand, mix(c.x.modrm & 0xc7, c.x.opcodes & 0xff))); }},
    Row{"order 3", [](const View& v) { return mix(224, v.s.last_bytes(3)); }},
    Row{"bytes 3 6", [](const View& v) { return mix(225, v.s.last_bytes(6) & 0xff0000ff0000); }},
    Row{"4 bytes in part", [](const View& v) { return mix(226, v.s.last_bytes(4) & 0xf8f8f8f8); }},
    Row{"8 classes", [](const View& v) { return mix(227, v.s.classes & 0xffffffff); }},
    Row{"pushes, 2 calls",
        [](const X86& c) {
          return mix(229,
                     c.by_operand(mix(c.here, c.x.pushes), mix(c.operand, c.x.jumps.ahead[0]),
                                  mix(c.operand, mix(c.x.calls[0], c.x.calls[1])),
                                  mix(c.here, c.x.displacements[c.base()]), mix(c.here, c.x.immediates[c.base()])));
        }},
    Row{"followers, slot", [](const X86& c) { return mix(233, mix(c.followed, c.slot)); }},
};

}  // namespace nzip::engine1::NZIP_ISA::contexts
