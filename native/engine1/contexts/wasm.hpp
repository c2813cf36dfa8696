// Contexts of WebAssembly: instructions, locals and the operand stack. The most useful come first: a set that mixes
// fewer takes those.
#pragma once

#include <algorithm>
#include <cstdint>
#include <tuple>

#include "engine1/contexts/bytes.hpp"

namespace nzip::engine1::NZIP_ISA::contexts {

struct Wasm : View {
  Wasm(const LaneState& lane, const uint8_t* history, const uint16_t* followers)
      : View(lane, history, followers),
        w(lane.wasm),
        here(mix(w.whole, w.field)),
        operand(mix(w.field << 8 | w.at, w.value)),
        local(w.locals & 0xffff),
        before(w.before[w.field]) {}
  const WasmState& w;
  uint64_t here;     // the instruction so far
  uint64_t operand;  // the field so far, whatever the instruction
  uint64_t local;    // that was named last
  uint64_t before;   // the last value of the field

  uint64_t opcodes(int n) const { return w.opcodes & ((uint64_t(1) << 8 * n) - 1); }
};

inline constexpr auto kWasmRows = std::tuple{
    Row{"4 opcodes", [](const Wasm& c) { return mix(400, mix(c.here, c.opcodes(4))); }},
    Row{"field, 1 opcode", [](const Wasm& c) { return mix(401, mix(c.operand, c.opcodes(1))); }},
    Row{"8 opcodes", [](const Wasm& c) { return mix(402, mix(c.here, c.w.opcodes)); }},
    Row{"8 classes", [](const View& v) { return mix(403, v.s.classes & 0xffffffff); }},
    Row{"order 2", [](const View& v) { return mix(404, v.s.last_bytes(2)); }},
    Row{"2 operands", [](const Wasm& c) { return mix(405, mix(c.here, c.w.operands & 0xffff)); }},
    Row{"bytes 2 3", [](const View& v) { return mix(406, v.s.last_bytes(3) & 0xffff00); }},
    Row{"value before", [](const Wasm& c) { return mix(407, mix(c.here, c.before)); }},
    Row{"order 4", [](const View& v) { return mix(408, v.s.last_bytes(4)); }},
    Row{"field", [](const Wasm& c) { return mix(409, c.operand); }},
    Row{"4 classes", [](const View& v) { return mix(410, v.s.classes & 0xffff); }},
    Row{"halves 1 2 3 4", [](const View& v) { return mix(411, v.s.last_bytes(4) & 0xf0f0f0f0); }},
    Row{"8 blocks", [](const Wasm& c) { return mix(412, mix(c.here, c.w.blocks & 0xffff)); }},
    Row{"6 opcodes", [](const Wasm& c) { return mix(413, mix(c.here, c.opcodes(6))); }},
    Row{"instruction before, 3 operands",
        [](const Wasm& c) { return mix(414, mix(c.here, mix(c.w.last[0], c.w.operands & 0xffffff))); }},
    Row{"local, 2 opcodes", [](const Wasm& c) { return mix(415, mix(c.here, mix(c.local, c.opcodes(2)))); }},
    Row{"3 locals", [](const Wasm& c) { return mix(416, mix(c.here, c.w.locals & 0xffffffffffff)); }},
    Row{"local but one", [](const Wasm& c) { return mix(417, mix(c.here, c.w.locals >> 16 & 0xffff)); }},
    Row{"field, local", [](const Wasm& c) { return mix(418, mix(c.operand, c.local)); }},
    Row{"instruction", [](const Wasm& c) { return mix(419, c.here); }},
    Row{"depth", [](const Wasm& c) { return mix(420, mix(c.here, std::min(c.w.depth, 255u))); }},
    Row{"function before", [](const Wasm& c) { return mix(421, mix(c.here, c.w.before[WasmState::kFunction])); }},
    Row{"6 bytes in part", [](const View& v) { return mix(422, v.s.last_bytes(6) & 0xf8f8f8f8f8f8); }},
    Row{"label before", [](const Wasm& c) { return mix(423, mix(c.here, c.w.before[WasmState::kLabel])); }},
    Row{"field, value before", [](const Wasm& c) { return mix(424, mix(c.operand, c.before)); }},
    Row{"instruction but one before, 1 opcode",
        [](const Wasm& c) { return mix(425, mix(c.here, mix(c.w.last[1], c.opcodes(1)))); }},
    Row{"1 opcode, local", [](const Wasm& c) { return mix(426, mix(c.here, mix(c.opcodes(1), c.local))); }},
    Row{"3 opcodes", [](const Wasm& c) { return mix(427, mix(c.here, c.opcodes(3))); }},
};

}  // namespace nzip::engine1::NZIP_ISA::contexts
