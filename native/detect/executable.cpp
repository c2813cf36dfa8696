#include "detect/executable.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/segments.hpp"
#include "engine1/code/wasm_state.hpp"
#include "engine1/code/x86_state.hpp"

namespace nzip {
namespace {

using engine1::WasmState;
using engine1::X86State;

constexpr size_t kUnit = 1024;  // what is judged at once
constexpr InstructionSet kNoCode{};
constexpr size_t kSample = 512;  // how much of it is looked at

// Opcodes that make up nearly all of compiled code, but less than half of what other data decode to.
constexpr std::array<bool, 256> kCommon = [] {
  std::array<bool, 256> t{};
  for (int i : {0x01, 0x03, 0x09, 0x0b, 0x21, 0x23, 0x29, 0x2b, 0x31, 0x33, 0x38, 0x39, 0x3a, 0x3b, 0x3c,
                0x3d, 0x63, 0x68, 0x6a, 0x80, 0x81, 0x83, 0x84, 0x85, 0x88, 0x89, 0x8a, 0x8b, 0x8d, 0x90,
                0xa8, 0xc1, 0xc3, 0xc6, 0xc7, 0xc9, 0xcc, 0xd1, 0xe8, 0xe9, 0xeb, 0xf6, 0xf7, 0xff})
    t[i] = true;
  for (int i = 0x50; i < 0x60; ++i) t[i] = true;
  for (int i = 0x70; i < 0x80; ++i) t[i] = true;
  for (int i = 0xb8; i < 0xc0; ++i) t[i] = true;
  return t;
}();
constexpr std::array<bool, 256> kCommon2 = [] {
  std::array<bool, 256> t{};
  for (int i : {0x10, 0x11, 0x1f, 0x28, 0x29, 0x2a, 0x2e, 0x2f, 0x54, 0x57, 0x58, 0x59, 0x5a, 0x5c, 0x5e,
                0x6e, 0x6f, 0x7e, 0x7f, 0xa2, 0xa3, 0xab, 0xaf, 0xb6, 0xb7, 0xbe, 0xbf, 0xd6, 0xef})
    t[i] = true;
  for (int i = 0x40; i < 0x50; ++i) t[i] = true;
  for (int i = 0x80; i < 0xa0; ++i) t[i] = true;
  return t;
}();

constexpr int kVariety = 8;  // so many different instructions there are in any sample of code

struct X86Sample {
  int score;  // the share of the instructions that is common in code, in 1/64; 0 where they are too alike
  int near;   // calls and jumps with a distance of four bytes that is below 2^24
};

X86Sample read_x86(std::span<const uint8_t> sample, bool wide) {
  X86State state;
  int common = 0, count = 1, different = 0, near = 0;
  std::array<bool, 256> seen{};
  bool two_bytes = false, vector = false;
  for (uint8_t c : sample) {
    two_bytes |= state.field == X86State::kOpcode2;
    vector |= state.field == X86State::kVex;
    state.push(c, wide);
    if (state.field != X86State::kOpcode || state.at > 0) continue;
    if (!vector) {  // VEX and EVEX hide the opcode
      const uint8_t op = state.opcode;
      ++count;
      different += !seen[op];
      seen[op] = true;
      const bool is_near = state.relative && (c == 0 || c == 0xff);
      near += is_near;
      common += state.relative && !two_bytes ? (is_near ? 2 : -3) : two_bytes ? kCommon2[op] : kCommon[op];
    }
    two_bytes = vector = false;
  }
  return {different < kVariety ? 0 : common * 64 / count, near};
}

// The highest bytes of 97 % of the words of ARM64 code.
constexpr std::array<bool, 256> kArm64Top = [] {
  std::array<bool, 256> t{};
  for (int i : {0xf9, 0xaa, 0x54, 0x91, 0xa9, 0x17, 0x52, 0xb9, 0x94, 0xd2, 0xeb, 0x71, 0xd5, 0x8b, 0x2a,
                0xb4, 0x12, 0xd6, 0x39, 0x97, 0x90, 0x38, 0xb0, 0x35, 0xf8, 0x34, 0xcb, 0xf0, 0xd0, 0xd1,
                0xf1, 0x9a, 0xb8, 0x14, 0x51, 0xd3, 0xa8, 0x11, 0x92, 0x6b, 0xb5, 0x1a, 0x3d, 0x37, 0x93,
                0x31, 0x9b, 0x4b, 0x29, 0x0b, 0x36, 0x79, 0xad, 0x1e, 0xfa, 0x78, 0x7a, 0xb1, 0xf2})
    t[i] = true;
  return t;
}();

// The same for ARM64.
int arm64_score(std::span<const uint8_t> sample) {
  int common = 0, count = 1, different = 0;
  std::array<bool, 256> seen{};
  for (size_t i = 0; i + 4 <= sample.size(); i += 4, ++count) {
    const uint8_t top = sample[i + 3];
    common += kArm64Top[top];
    different += !seen[top];
    seen[top] = true;
  }
  return different < kVariety ? 0 : common * 64 / count;
}

// The same for SPARC.
int sparc_score(std::span<const uint8_t> sample) {
  int common[4] = {}, count = 1;
  for (size_t i = 0; i + 4 <= sample.size(); i += 4, ++count) {
    const uint8_t a = sample[i], b = sample[i + 1];
    const int op = a >> 6, op2 = (a & 1) << 2 | b >> 6, op3 = (a & 1) << 5 | b >> 3;
    // Branches and SETHI; CALL; arithmetic; loads and stores.
    common[op] += op == 0   ? op2 == 1 || op2 == 2 || op2 == 4 || op2 == 6
                  : op == 1 ? a == 0x40 || a == 0x7f
                  : op == 2 ? op3 < 8 || (op3 >= 0x10 && op3 < 0x18) || (op3 >= 0x25 && op3 < 0x28) || op3 == 0x2c ||
                                  op3 == 0x34 || op3 == 0x38 || op3 >= 0x3c
                            : op3 < 16 || (op3 >= 0x20 && op3 < 0x28);
  }
  // All of these are common: what other data have is rather many of one sort.
  if (common[0] * 24 < count || common[2] * 8 < count || common[3] * 12 < count) return 0;
  return (common[0] + common[1] + common[2] + common[3]) * 64 / count;
}

// Opcodes that make up 97 % of WebAssembly code.
constexpr std::array<bool, 256> kWasmCommon = [] {
  std::array<bool, 256> t{};
  for (int i : {0x02, 0x03, 0x04, 0x0b, 0x0c, 0x0d, 0x0f, 0x10, 0x11, 0x1a, 0x1b, 0x20, 0x21, 0x22,
                0x23, 0x24, 0x28, 0x29, 0x2b, 0x2c, 0x2d, 0x2f, 0x36, 0x37, 0x39, 0x3a, 0x3b, 0x41,
                0x42, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b, 0x4d, 0x4f, 0x6a, 0x6b, 0x6c,
                0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x7c, 0x83, 0x84, 0xa0, 0xa2, 0xa7, 0xac, 0xad})
    t[i] = true;
  return t;
}();

// The same for WebAssembly, which names a local in every third instruction. Alignments are those of at most eight
// bytes, and blocks have no result or one of a basic type.
int wasm_score(std::span<const uint8_t> sample) {
  size_t locals = 0;
  for (uint8_t c : sample) locals += c >= 0x20 && c < 0x23;
  if (locals * 16 < sample.size()) return 0;
  WasmState state;
  state.depth = 1 << 16;  // so that an end is one of a block: functions are longer than a sample
  int good = 0, count = 1, different = 0;
  std::array<bool, 256> seen{};
  for (uint8_t c : sample) {
    const auto field = state.field;
    state.push(c);
    if (state.at == 0) {
      const uint32_t said = state.before[field];
      const bool odd = (field == WasmState::kAlign && said > 3) ||
                       (field == WasmState::kBlockType && said != 0x40 && (said < 0x7b || said > 0x7f));
      good -= 3 * odd;
    }
    if (state.field != WasmState::kOpcode) continue;
    ++count;
    good += kWasmCommon[state.opcode];
    different += !seen[state.opcode];
    seen[state.opcode] = true;
  }
  return different < kVariety ? 0 : good * 64 / count;
}

// Machine code has many small numbers, and instructions of many kinds; text and tables have not.
bool may_be_code(std::span<const uint8_t> sample) {
  size_t low = 0;
  for (uint8_t c : sample) low += c < 32 && c != '\n' && c != '\r' && c != '\t';
  return low * 12 >= sample.size();
}

}  // namespace

std::vector<Found> find_code(std::span<const uint8_t> plain, const Stop& stop) {
  constexpr size_t kBridge = 12 * kUnit, kShortest = 4 * kUnit;
  constexpr int kEnough = 50, kWider = 10;
  std::vector<Found> ranges;
  int wider = 0, near = 0;  // of the last range: how much more its x86 code looks like 64-bit code; near calls
  const auto finish = [&] {
    if (ranges.empty()) return;
    Found& r = ranges.back();
    const int units = int((r.end - r.begin) / kUnit);
    const bool chance = r.end - r.begin < kShortest || (r.param == kX86 && near * 2 < units);
    if (r.param == kX86 && wider > units * kWider) r.param = kX64;
    if (chance) ranges.pop_back();
  };
  for (size_t at = 0; at + kSample <= plain.size(); at += kUnit) {
    stop.check();
    const auto sample = plain.subspan(at, kSample);
    if (!may_be_code(sample)) continue;
    const X86Sample x86 = read_x86(sample, false), x64 = read_x86(sample, true);
    const uint32_t set = std::max(x86.score, x64.score) >= kEnough ? kX86
                         : arm64_score(sample) >= kEnough          ? kArm64
                         : sparc_score(sample) >= kEnough          ? kSparc
                         : wasm_score(sample) >= kEnough           ? kWasm
                                                                   : kNoCode;
    if (set == kNoCode) continue;
    if (ranges.empty() || ranges.back().param != set || at - ranges.back().end > kBridge) {
      finish();
      ranges.push_back({at, at, kExecutable, set});
      wider = near = 0;
    }
    ranges.back().end = std::min(at + kUnit, plain.size());
    wider += x64.score - x86.score;
    near += std::max(x86.near, x64.near);
  }
  finish();
  if (!ranges.empty() && plain.size() - ranges.back().end < kSample) ranges.back().end = plain.size();
  return ranges;
}

}  // namespace nzip
