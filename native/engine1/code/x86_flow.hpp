// What x86 code did before the next instruction: where its jumps lead, what its registers were last set by, and what it
// has pushed. All is a guess by opcodes alone; data and wrong starts make it a wrong one.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/hash.hpp"
#include "engine1/code/x86_state.hpp"

namespace nzip::engine1 {

class X86Flow : public X86State {
 public:
  static constexpr uint32_t kFar = 255;  // a distance that is not known, or not below

  // What kind of operand the next byte belongs to.
  enum Operand : uint8_t { kNoOperand, kJump, kCall, kAddress, kNumber };
  Operand operand_kind() const {
    if (field == kDisplacement) return kAddress;
    if (field != kImmediate) return kNoOperand;
    return relative ? kCall : length == 1 && is_short_jump() ? kJump : kNumber;
  }

  uint32_t position = 0;           // of the next byte in the block
  uint32_t ahead[2] = {};          // bytes from the next instruction to the two nearest targets of late jumps behind it
  bool is_target = false;          // the instruction is one itself
  uint32_t last_target = 0;        // of the last jump
  uint32_t calls[2] = {};          // targets of the last calls
  uint32_t pushes = 0;             // since the last call
  uint32_t popping = 0;            // registers that the function saved and has not restored, 4 bits each, last lowest
  uint64_t set_by[8] = {};         // hash of the instruction that set a register last
  uint32_t displacements[8] = {};  // the last one behind each base register
  uint32_t immediates[8] = {};     // the last one of each register

  void push(uint8_t c, bool wide) {
    X86State::push(c, wide);
    ++position;
    if (field == kOpcode && at == 0) {
      learn(wide);
      look_ahead(position);
    } else if (operand_kind() == kJump) {
      look_ahead(position + 1);
    }
  }

 private:
  static constexpr uint32_t kTargets = 16;

  bool is_short_jump() const { return map == 0 && ((opcode & 0xf0) == 0x70 || opcode == 0xeb); }
  bool is(uint8_t mask, uint8_t value) const { return map == 0 && (opcode & mask) == value; }

  // Takes in the instruction that has ended.
  void learn(bool wide) {
    if (is_short_jump()) add_target(position + uint32_t(int8_t(immediate)));
    if (relative && !is(0xff, 0xe8)) add_target(target);
    if (is(0xff, 0xe8)) calls[1] = calls[0], calls[0] = target;
    learn_registers();
    learn_stack(wide);
    if (has_displacement()) displacements[modrm & 7] = displacement;
    if (has_immediate() && modrm) immediates[modrm & 7] = immediate;
  }

  void learn_registers() {
    const uint64_t loaded = mix(starts[0], displacement);
    const uint32_t reg = modrm >> 3 & 7;
    if (map) {
      set_by[reg] = loaded;
    } else if (is(0xff, 0xe8) || is_indirect(0x10)) {
      set_by[0] = last;
    } else if (is(0xf8, 0x58) || is(0xf8, 0xb8)) {
      set_by[opcode & 7] = starts[0];
    } else if (sets_register()) {
      if ((opcode & 2 && opcode != 0x83) || opcode == 0x8d || opcode == 0x69)
        set_by[reg] = loaded;
      else if (modrm >= 0xc0)
        set_by[modrm & 7] = starts[0];
    }
  }

  // Arithmetic and moves of one byte and with ModRM, but for comparisons.
  bool sets_register() const {
    if (opcode < 0x38) return (opcode & 7) < 4;
    switch (opcode) {
      case 0x69:
      case 0x6b:
      case 0x80:
      case 0x81:
      case 0x82:
      case 0x83:
      case 0x86:
      case 0x87:
      case 0x88:
      case 0x89:
      case 0x8a:
      case 0x8b:
      case 0x8c:
      case 0x8d:
      case 0xc1:
      case 0xd1:
        return true;
      default:
        return false;
    }
  }
  bool is_indirect(uint8_t which) const { return is(0xff, 0xff) && (modrm & 0x38) == which; }

  void learn_stack(bool wide) {
    const bool pushes_register = is(0xf8, 0x50);
    const bool returns = is(0xfe, 0xc2), calls_other = is(0xff, 0xe8) || is_indirect(0x10);
    pushes += pushes_register || is(0xfd, 0x68) || is_indirect(0x30);
    if (returns || calls_other) pushes = 0;
    const uint32_t reg = opcode & 7;
    if (pushes_register && in_prologue_ && (reg == 3 || reg >= 5 || (wide && reg == 4))) {
      saved_ = (at_function_ ? 0 : saved_ << 4) | 8 | reg;
      at_function_ = false;
      popping = saved_;
    } else {
      popping = is(0xf8, 0x58) ? popping >> 4 : saved_;
    }
    if (returns || is(0xff, 0xcc) || is(0xff, 0x90) || is(0xff, 0xe9) || is(0xff, 0xeb))
      in_prologue_ = at_function_ = true;
    else if (relative || is_short_jump() || is(0xff, 0xff))
      in_prologue_ = at_function_ = false;
  }

  void add_target(uint32_t where) { last_target = targets_[next_target_++ % kTargets] = where; }

  void look_ahead(uint32_t from) {
    ahead[0] = ahead[1] = kFar;
    is_target = false;
    for (uint32_t each : targets_) {
      const uint32_t distance = each - from;
      is_target |= distance == 0;
      if (distance == 0 || distance >= kFar || distance == ahead[0]) continue;
      ahead[1] = std::min(ahead[1], std::max(ahead[0], distance));
      ahead[0] = std::min(ahead[0], distance);
    }
  }

  std::array<uint32_t, kTargets> targets_ = {};
  uint32_t next_target_ = 0;
  uint32_t saved_ = 0;        // registers that the function pushed first
  bool in_prologue_ = false;  // nothing was called yet
  bool at_function_ = false;  // nothing was pushed yet
};

}  // namespace nzip::engine1
