#include "engine1/code/addresses.hpp"

#include <cstddef>
#include <utility>

#include "engine1/code/x86_state.hpp"

namespace nzip::engine1 {
namespace {

uint32_t read_big(const uint8_t* p) { return uint32_t(p[0]) << 24 | p[1] << 16 | p[2] << 8 | p[3]; }
void write_big(uint8_t* p, uint32_t v) {
  for (int i = 0; i < 4; ++i) p[i] = uint8_t(v >> (24 - 8 * i));
}
void swap_bytes(uint8_t* p) { std::swap(p[0], p[3]), std::swap(p[1], p[2]); }

// A distance of up to 2^24 becomes the address modulo 2^25, sign-extended, and back: the highest byte stays 00 or FF.
uint32_t moved(uint32_t operand, uint32_t by) {
  const uint32_t top = operand >> 24;
  if (top != 0 && top != 255) return operand;
  const uint32_t low = (operand + by) & 0x1ffffff;
  return low & 0x1000000 ? low | 0xff000000 : low;
}

// The operands that count from the end of their instruction, the most significant byte first.
void transform_x86(std::span<uint8_t> block, size_t begin, size_t end, bool wide, bool back, const Stop& stop) {
  X86State state;
  for (size_t at = begin; at < end;) {
    stop.check();
    if (!state.at_relative(wide) || end - at < 4) {
      state.push(block[at++], wide);
      continue;
    }
    uint8_t* operand = block.data() + at;
    const uint32_t origin = uint32_t(at) + state.to_end();
    if (!back) swap_bytes(operand);
    write_big(operand, moved(read_big(operand), back ? 0 - origin : origin));
    if (back) swap_bytes(operand);
    for (int i = 0; i < 4; ++i) state.push(0, wide), ++at;  // instructions' lengths do not depend on operands
  }
}

// BL has the distance in words, ADRP in pages of 4096 bytes, its lowest two bits apart from the others.
uint32_t moved_arm64(uint32_t word, uint32_t at, bool back) {
  if (word >> 26 == 0x25) {
    const uint32_t by = back ? 0 - at / 4 : at / 4;
    return 0x94000000 | ((word + by) & 0x3ffffff);
  }
  if ((word & 0x9f000000) == 0x90000000) {
    const uint32_t by = back ? 0 - at / 4096 : at / 4096;
    const uint32_t page = ((word >> 5 & 0x7ffff) << 2 | (word >> 29 & 3)) + by;
    return (word & 0x9f00001f) | (page & 3) << 29 | (page >> 2 & 0x7ffff) << 5;
  }
  return word;
}

// CALL has the distance in words.
uint32_t moved_sparc(uint32_t word, uint32_t at, bool back) {
  if (word >> 30 != 1) return word;
  const uint32_t by = back ? 0 - at / 4 : at / 4;
  return 0x40000000 | ((word + by) & 0x3fffffff);
}

// Instructions of 32 bits; those of ARM64 become most significant byte first.
void transform_words(std::span<uint8_t> block, size_t begin, size_t end, uint32_t set, bool back, const Stop& stop) {
  for (size_t at = (begin + 3) / 4 * 4; at + 4 <= end; at += 4) {
    stop.check();
    uint8_t* p = block.data() + at;
    if (set == kSparc) {
      write_big(p, moved_sparc(read_big(p), uint32_t(at), back));
      continue;
    }
    if (!back) swap_bytes(p);
    write_big(p, moved_arm64(read_big(p), uint32_t(at), back));
    if (back) swap_bytes(p);
  }
}

void transform(std::span<uint8_t> block, std::span<const Segment> segments, bool back, const Stop& stop) {
  size_t at = 0;
  for (const Segment& s : segments) {
    const size_t end = at + size_t(s.length);
    if (s.kind == kExecutable && (s.param == kX86 || s.param == kX64))
      transform_x86(block, at, end, s.param == kX64, back, stop);
    else if (s.kind == kExecutable && (s.param == kArm64 || s.param == kSparc))
      transform_words(block, at, end, s.param, back, stop);
    at = end;
  }
}

}  // namespace

void transform_code(std::span<uint8_t> block, std::span<const Segment> segments, const Stop& stop) {
  transform(block, segments, false, stop);
}
void restore_code(std::span<uint8_t> block, std::span<const Segment> segments, const Stop& stop) {
  transform(block, segments, true, stop);
}

}  // namespace nzip::engine1
