// Follows WebAssembly code byte by byte: which field of an instruction comes next, and what the last instructions were.
// Started anywhere, it finds back: a function has one more end than blocks, so a depth that is wrong becomes right with
// the functions that go by.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/hash.hpp"

namespace nzip::engine1 {

struct WasmState {
  enum Field : uint8_t {
    kOpcode,
    kSubOpcode,  // behind a prefix
    kBlockType,
    kLabel,
    kFunction,
    kType,
    kIndex,  // of a table, memory, segment or tag, or a type of references
    kLocal,
    kGlobal,
    kAlign,
    kOffset,
    kConst,
    kFloat,
    kVector,  // 16 bytes
    kLane,
    kCount,   // of labels, types or clauses
    kClause,  // of try_table
    kValueType,
    kBodySize,  // of the next function
    kGroups,    // of its locals
    kGroupSize,
    kGroupType,
    kFields
  };

  Field field = kOpcode;  // that the next byte belongs to
  uint8_t at = 0;         // bytes of it that are known
  uint64_t value = 0;     // and what they say
  uint8_t opcode = 0;     // of this instruction, or of the last one between two
  uint64_t whole = 0;     // hash of this instruction's bytes
  uint64_t opcodes = 0;   // of the last eight instructions, newest lowest
  uint64_t last[2] = {};  // hashes of the last instructions, newest first
  uint64_t locals = 0;    // the last four locals that were named, 16 bits each, newest lowest
  uint64_t operands = 0;  // the opcodes that gave what is on the operand stack, as far as is known, newest lowest
  uint32_t depth = 0;     // of blocks
  uint64_t blocks = 0;    // the opcodes' lowest two bits of the open blocks, innermost lowest
  std::array<uint32_t, kFields> before = {};  // the last value of each field

  void push(uint8_t c) {
    whole = mix(whole, c);
    const int bytes = bytes_of(field);
    value = bytes ? value << 8 | c : value | uint64_t(c & 127) << (7 * at);
    ++at;
    if (bytes ? at == bytes : c < 128 || at == kLongest) end_field();
  }

  // To choose weights by: the field and the bytes of it that are known, below 256; and the opcode before the last one
  // or the field and the opcode, below 1024.
  uint32_t place() const { return field * 8 + std::min<uint32_t>(at, 7); }
  uint32_t operation() const {
    return field == kOpcode ? uint32_t(opcodes >> 8 & 255) : 256 + field * 32 + (opcode >> 3);
  }

 private:
  static_assert(kFields <= 24);  // by the bounds of place() and operation()

  static constexpr int kLongest = 10;         // bytes of a number
  static constexpr uint32_t kMost = 1 << 16;  // of labels or types that are believed
  static constexpr uint8_t kSaturating = 0xfc, kSimd = 0xfd, kTryTable = 0x1f, kBranchTable = 0x0e;

  // Of a field of fixed length; 0: a number whose last byte is below 128.
  int bytes_of(Field f) const {
    if (f == kVector) return 16;
    if (f == kFloat) return opcode == 0x43 ? 4 : 8;
    return f == kOpcode || f == kLane || f == kClause || f == kValueType || f == kGroupType;
  }

  // The first field behind an opcode; kOpcode: none.
  static constexpr std::array<Field, 256> kFirst = [] {
    std::array<Field, 256> t{};
    for (int op : {0x02, 0x03, 0x04, 0x06, 0x1f}) t[op] = kBlockType;
    for (int op : {0x09, 0x0c, 0x0d, 0x18}) t[op] = kLabel;
    for (int op : {0x07, 0x08, 0x25, 0x26, 0x3f, 0x40, 0xd0}) t[op] = kIndex;
    for (int op : {0x0e, 0x1c}) t[op] = kCount;
    for (int op : {0x10, 0x12, 0xd2}) t[op] = kFunction;
    for (int op : {0x11, 0x13}) t[op] = kType;
    for (int op : {0x20, 0x21, 0x22}) t[op] = kLocal;
    for (int op : {0x23, 0x24}) t[op] = kGlobal;
    for (int op = 0x28; op < 0x3f; ++op) t[op] = kAlign;
    for (int op : {0x41, 0x42}) t[op] = kConst;
    for (int op : {0x43, 0x44}) t[op] = kFloat;
    for (int op : {0xfc, 0xfd, 0xfe}) t[op] = kSubOpcode;
    return t;
  }();

  // How many operands an instruction takes and whether it leaves one.
  static constexpr uint8_t kLeaves = 0x80, kAll = 8;
  static constexpr std::array<uint8_t, 256> kStack = [] {
    std::array<uint8_t, 256> t{};
    for (int op : {0x04, 0x0d, 0x0e, 0x1a, 0x21, 0x24}) t[op] = 1;
    for (int op : {0x10, 0x11, 0x12, 0x13, 0xfc, 0xfd, 0xfe}) t[op] = kAll | kLeaves;
    for (int op : {0x1b, 0x1c}) t[op] = 3 | kLeaves;
    for (int op : {0x20, 0x23, 0x3f, 0x41, 0x42, 0x43, 0x44}) t[op] = kLeaves;
    t[0x22] = t[0x40] = 1 | kLeaves;
    for (int op = 0x28; op < 0x36; ++op) t[op] = 1 | kLeaves;
    for (int op = 0x36; op < 0x3f; ++op) t[op] = 2;
    for (int op = 0x45; op < 0xc5; ++op) {
      const bool one = op == 0x45 || op == 0x50 || (op >= 0x67 && op < 0x6a) || (op >= 0x79 && op < 0x7c) ||
                       (op >= 0x8b && op < 0x92) || (op >= 0x99 && op < 0xa0) || op >= 0xa7;
      t[op] = (one ? 1 : 2) | kLeaves;
    }
    return t;
  }();

  void begin(Field f, uint32_t times = 1) {
    field = f;
    left_ = times;
    at = 0;
    value = 0;
  }

  void end_field() {
    const Field ended = field;
    const uint64_t v = value;
    before[ended] = uint32_t(v);
    if (left_ > 1) return begin(ended, left_ - 1);
    switch (ended) {
      case kOpcode:
        return end_opcode(uint8_t(v));
      case kSubOpcode:
        return end_sub_opcode(uint32_t(v));
      case kBlockType:
        return opcode == kTryTable ? begin(kCount) : end();
      case kType:
        return begin(kIndex);
      case kAlign:
        return begin(kOffset);
      case kOffset:
        return lane_ ? begin(kLane) : end();
      case kCount:
        return end_count(uint32_t(std::min<uint64_t>(v, kMost)));
      case kClause:
        return begin(v < 2 ? kIndex : kLabel);  // those without a tag catch all
      case kIndex:
        return opcode == kTryTable ? begin(kLabel) : end();
      case kLabel:
        return opcode == kTryTable && --groups_ ? begin(kClause) : end();
      case kLocal:
        locals = locals << 16 | (v & 0xffff);
        return end();
      case kBodySize:
        return begin(kGroups);
      case kGroups:
        groups_ = uint32_t(std::min<uint64_t>(v, kMost));
        return groups_ ? begin(kGroupSize) : end_header();
      case kGroupSize:
        return begin(kGroupType);
      case kGroupType:
        // What is no type is no header of a function.
        return --groups_ && v >= 0x60 && v < 0x80 ? begin(kGroupSize) : end_header();
      default:
        return end();
    }
  }

  void end_count(uint32_t n) {
    groups_ = n;
    if (opcode == kBranchTable) return begin(kLabel, n + 1);
    if (n == 0) return end();
    if (opcode == kTryTable)
      begin(kClause);
    else
      begin(kValueType, n);
  }

  void end_opcode(uint8_t op) {
    opcode = op;
    sub_ = 0;
    lane_ = false;
    if (kFirst[op] == kOpcode)
      end();
    else
      begin(kFirst[op]);
  }

  void end_sub_opcode(uint32_t op) {
    sub_ = uint8_t(op);
    if (opcode == kSaturating) {
      const bool two = op == 8 || op == 10 || op == 12 || op == 14;
      if (op >= 8 && op < 18) return begin(kIndex, two ? 2 : 1);
    } else if (opcode == kSimd) {
      lane_ = op >= 84 && op < 92;
      if (op < 12 || lane_ || op == 92 || op == 93) return begin(kAlign);
      if (op == 12 || op == 13) return begin(kVector);
      if (op >= 21 && op < 35) return begin(kLane);
    } else {
      return op == 3 ? begin(kLane) : begin(kAlign);
    }
    end();
  }

  // An instruction has ended.
  void end() {
    opcodes = opcodes << 8 | uint8_t(opcode + sub_ * 8);
    remember();
    const uint8_t stack = kStack[opcode];
    const int takes = stack & 15;
    operands = takes == kAll ? 0 : operands >> (8 * takes);
    if (stack & kLeaves) operands = operands << 8 | opcode;
    if ((opcode >= 0x02 && opcode <= 0x04) || opcode == 0x06 || opcode == kTryTable) {
      ++depth;
      blocks = blocks << 2 | (opcode & 3);
    } else if (opcode == 0x0b || opcode == 0x18) {
      if (depth == 0) return begin(kBodySize);
      --depth;
      blocks >>= 2;
    }
    begin(kOpcode);
  }

  void end_header() {
    remember();
    operands = blocks = 0;
    begin(kOpcode);
  }

  void remember() {
    last[1] = last[0];
    last[0] = whole;
    whole = 0;
  }

  uint32_t left_ = 1;    // of the current field and its like
  uint32_t groups_ = 0;  // of locals, or clauses, still to come
  uint8_t sub_ = 0;      // behind a prefix
  bool lane_ = false;    // a lane's number follows the offset
};

}  // namespace nzip::engine1
