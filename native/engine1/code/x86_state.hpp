// Follows x86 machine code byte by byte: which field of an instruction comes next, and what the last instructions were.
// Only lengths are decoded. Data and wrong starts give wrong lengths, but these find back to the code's within a few
// instructions.
#pragma once

#include <array>
#include <cstdint>

#include "base/hash.hpp"

namespace nzip::engine1 {

namespace x86 {

enum Immediate : uint8_t {
  kNone,
  kByte,
  kWord,
  kFull,
  kQuad,
  kAddress,
  kEnter,
  kFar,
  kGroupByte,
  kGroupFull,
  kRelative
};
constexpr uint8_t kHasModRm = 0x80, kImmediateMask = 0x0f;

// By opcode: whether ModRM follows, and what immediate.
constexpr std::array<uint8_t, 256> kOneByte = [] {
  std::array<uint8_t, 256> t{};
  for (int i = 0; i < 0x40; ++i)
    t[i] = i % 8 < 4 ? kHasModRm : uint8_t(i % 8 == 4 ? kByte : i % 8 == 5 ? kFull : kNone);
  for (int i : {0x62, 0x63, 0xc4, 0xc5, 0xd0, 0xd1, 0xd2, 0xd3, 0xfe, 0xff}) t[i] = kHasModRm;
  for (int i = 0x84; i < 0x90; ++i) t[i] = kHasModRm;
  for (int i = 0xd8; i < 0xe0; ++i) t[i] = kHasModRm;
  for (int i : {0x6b, 0x80, 0x82, 0x83, 0xc0, 0xc1, 0xc6}) t[i] = kHasModRm | kByte;
  for (int i : {0x69, 0x81, 0xc7}) t[i] = kHasModRm | kFull;
  for (int i = 0x70; i < 0x80; ++i) t[i] = kByte;
  for (int i = 0xb0; i < 0xb8; ++i) t[i] = kByte;
  for (int i = 0xb8; i < 0xc0; ++i) t[i] = kQuad;
  for (int i = 0xe0; i < 0xe8; ++i) t[i] = kByte;
  for (int i : {0x6a, 0xa8, 0xcd, 0xd4, 0xd5, 0xeb}) t[i] = kByte;
  for (int i = 0xa0; i < 0xa4; ++i) t[i] = kAddress;
  t[0x68] = t[0xa9] = kFull;
  t[0x9a] = t[0xea] = kFar;
  t[0xc2] = t[0xca] = kWord;
  t[0xc8] = kEnter;
  t[0xe8] = t[0xe9] = kRelative;
  t[0xf6] = kHasModRm | kGroupByte;
  t[0xf7] = kHasModRm | kGroupFull;
  return t;
}();

// The same behind 0F.
constexpr std::array<uint8_t, 256> kTwoByte = [] {
  std::array<uint8_t, 256> t{};
  t.fill(kHasModRm);
  for (int i : {0x05, 0x06, 0x07, 0x08, 0x09, 0x0b, 0x0e, 0x77, 0xa0, 0xa1, 0xa2, 0xa8, 0xa9, 0xaa}) t[i] = kNone;
  for (int i = 0x30; i < 0x38; ++i) t[i] = kNone;
  for (int i = 0xc8; i < 0xd0; ++i) t[i] = kNone;
  for (int i = 0x80; i < 0x90; ++i) t[i] = kRelative;
  for (int i : {0x70, 0x71, 0x72, 0x73, 0xa4, 0xac, 0xba, 0xc2, 0xc4, 0xc5, 0xc6}) t[i] = kHasModRm | kByte;
  return t;
}();

}  // namespace x86

class X86State {
 public:
  // What the next byte is.
  enum Field : uint8_t { kOpcode, kOpcode2, kOpcode3, kVex, kModRm, kSib, kDisplacement, kImmediate };

  Field field = kOpcode;
  uint8_t at = 0;      // bytes of the field that are known; of an opcode, prefixes
  uint8_t length = 0;  // bytes of the field: of a displacement or an immediate
  uint8_t opcode = 0;  // of the instruction, without its map
  uint8_t map = 0;     // which opcodes it is from: 0, those of one byte, 1, behind 0F, 2, behind 0F 38, 3, behind 0F 3A
  uint8_t modrm = 0, sib = 0;
  bool relative = false;                     // the immediate is a call's or a long jump's distance
  uint32_t operand = 0;                      // the known bytes of a displacement or an immediate, newest lowest
  uint32_t displacement = 0, immediate = 0;  // the last ones
  uint32_t target = 0;                       // the last call's or long jump's distance, or what has taken its place
  uint64_t start = 0;                        // hash of the instruction's prefixes, opcode, ModRM and SIB
  uint64_t whole = 0;                        // hash of all its bytes
  uint64_t opcodes = 0;                      // of the last eight instructions, newest lowest
  uint64_t starts[4] = {};                   // of the last four, newest first
  uint64_t last = 0, before_last = 0;        // all bytes of the last one, and of the last but one

  // Whether an operand of four bytes comes next that counts from the instruction's end.
  bool at_relative(bool wide) const {
    if (at != 0) return false;
    return field == kImmediate ? relative : field == kDisplacement && wide && (modrm & 0xc7) == 5;
  }
  // The bytes between such an operand's first one and the instruction's end.
  uint32_t to_end() const { return field == kImmediate ? 4 : 4 + immediate_; }

  // A number of the kind of byte that comes next, below 32.
  uint32_t slot() const {
    if (field == kDisplacement) return length == 1 ? 8 : 9 + at;
    if (field != kImmediate) return field == kOpcode ? (at ? 1 : 0) : 1 + field;
    if (relative) return (map ? 13 : 17) + at;
    if (length == 1) return (opcode & 0xf0) == 0x70 || opcode == 0xeb ? 21 : 22;
    return length == 4 ? 23 + at : 27 + (at < 4 ? at : 4);
  }

  // Of the instruction, or of that before where the next byte is an opcode.
  uint8_t current_opcode() const { return field == kOpcode ? uint8_t(opcodes) : opcode; }

  // Of the instruction, once its ModRM and SIB are known.
  bool has_displacement() const { return displacement_ > 0; }
  bool has_immediate() const { return immediate_ > 0; }

  // Takes in the next byte; wide: of 64-bit code.
  void push(uint8_t c, bool wide) {
    whole = mix(whole, c);
    switch (field) {
      case kOpcode:
        return push_opcode(c, wide);
      case kOpcode2:
        if (c == 0x38 || c == 0x3a) {
          map = c == 0x38 ? 2 : 3;
          start = mix(start, c);
          field = kOpcode3;
          return;
        }
        return begin(c, x86::kTwoByte[c]);
      case kOpcode3:
        return begin(c, map == 1 ? x86::kTwoByte[c] : map == 3 ? x86::kHasModRm | x86::kByte : x86::kHasModRm);
      case kVex:
        return push_vex(c);
      case kModRm:
        return push_modrm(c);
      case kSib:
        sib = c;
        start = mix(start, c);
        if ((c & 7) == 5 && modrm < 0x40) displacement_ = 4;  // no base register
        return after_address();
      case kDisplacement:
        return push_operand(c);
      case kImmediate:
        return push_operand(c);
    }
  }

 private:
  void push_opcode(uint8_t c, bool wide) {
    map = 0;
    const bool rex = wide && (c & 0xf0) == 0x40;
    const bool prefix =
        c == 0x66 || c == 0x67 || c == 0xf0 || c == 0xf2 || c == 0xf3 || (c & 0xe7) == 0x26 || c == 0x64 || c == 0x65;
    if (rex || prefix) {
      if (at == 4) return end();
      short_ |= c == 0x66;
      wide_operand_ = rex && c & 8;
      start = mix(start, c);
      ++at;
      return;
    }
    wide_address_ = wide;
    if (c == 0x0f) {
      start = mix(start, c);
      map = 1;
      field = kOpcode2;
      return;
    }
    if (wide && (c == 0xc4 || c == 0xc5 || c == 0x62)) {
      start = mix(start, c);
      map = 1;
      field = kVex;
      at = 0;
      length = c == 0xc5 ? 1 : c == 0xc4 ? 2 : 3;
      return;
    }
    begin(c, x86::kOneByte[c]);
  }

  // Two bytes of a VEX prefix or three of an EVEX prefix, or the only one of a short VEX prefix.
  void push_vex(uint8_t c) {
    if (at == 0 && length > 1) map = c & 3;
    start = mix(start, c);
    if (++at == length) field = kOpcode3;
  }

  // The opcode is known.
  void begin(uint8_t c, uint8_t what) {
    opcode = c;
    start = mix(start, c);
    modrm = sib = 0;
    displacement_ = 0;
    const uint8_t full = short_ ? 2 : 4;
    group_ = 0;
    relative = false;
    switch (what & x86::kImmediateMask) {
      case x86::kNone:
        immediate_ = 0;
        break;
      case x86::kByte:
        immediate_ = 1;
        break;
      case x86::kWord:
        immediate_ = 2;
        break;
      case x86::kFull:
        immediate_ = full;
        break;
      case x86::kQuad:
        immediate_ = wide_operand_ ? 8 : full;
        break;
      case x86::kAddress:
        immediate_ = wide_address_ ? 8 : 4;
        break;
      case x86::kEnter:
        immediate_ = 3;
        break;
      case x86::kFar:
        immediate_ = 6;
        break;
      case x86::kGroupByte:
        immediate_ = 0;
        group_ = 1;
        break;
      case x86::kGroupFull:
        immediate_ = 0;
        group_ = full;
        break;
      default:
        immediate_ = 4;
        relative = true;
    }
    if (what & x86::kHasModRm)
      field = kModRm;
    else
      begin_operand(kImmediate, immediate_);
  }

  void push_modrm(uint8_t c) {
    modrm = c;
    start = mix(start, c);
    if ((c & 0x30) == 0) immediate_ = uint8_t(immediate_ + group_);
    if (c >= 0xc0) return begin_operand(kImmediate, immediate_);
    displacement_ = c >= 0x80 ? 4 : c >= 0x40 ? 1 : (c & 7) == 5 ? 4 : 0;
    if ((c & 7) == 4)
      field = kSib;
    else
      after_address();
  }

  void after_address() {
    if (displacement_)
      begin_operand(kDisplacement, displacement_);
    else
      begin_operand(kImmediate, immediate_);
  }

  void begin_operand(Field f, uint8_t bytes) {
    if (bytes == 0) return end();
    field = f;
    length = bytes;
    at = 0;
    operand = 0;
  }

  void push_operand(uint8_t c) {
    operand = operand << 8 | c;
    if (++at < length) return;
    if (field == kDisplacement) {
      displacement = operand;
      begin_operand(kImmediate, immediate_);
    } else {
      (relative ? target : immediate) = operand;
      end();
    }
  }

  void end() {
    opcodes = opcodes << 8 | opcode;
    starts[3] = starts[2], starts[2] = starts[1], starts[1] = starts[0], starts[0] = start;
    before_last = last, last = whole;
    start = whole = 0;
    field = kOpcode;
    at = length = 0;
    operand = 0;
    short_ = wide_operand_ = false;
  }

  uint8_t displacement_ = 0, immediate_ = 0, group_ = 0;
  bool short_ = false, wide_operand_ = false, wide_address_ = false;
};

}  // namespace nzip::engine1
