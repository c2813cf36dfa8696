#include "cm/transform.hpp"

#include <cstddef>
#include <utility>

#include "cm/x86_state.hpp"

namespace nzip {
namespace {

#ifndef T_BE
#define T_BE 1
#endif
#ifndef T_JCC
#define T_JCC 1
#endif
#ifndef T_RIP
#define T_RIP 1
#endif
#ifndef T_ADRP
#define T_ADRP 1
#endif
#ifndef T_WORDS
#define T_WORDS 3
#endif

uint32_t read_little(const uint8_t* p) { return p[0] | p[1] << 8 | p[2] << 16 | uint32_t(p[3]) << 24; }

void write_little(uint8_t* p, uint32_t v) {
  for (int i = 0; i < 4; ++i) p[i] = uint8_t(v >> (8 * i));
}
void swap_word(uint8_t* p) { std::swap(p[0], p[3]), std::swap(p[1], p[2]); }

// Distances of up to 2^24 become addresses of 25 bits, sign-extended.
uint32_t moved(uint32_t operand, uint32_t by) {
  const uint32_t top = operand >> 24;
  if (top != 0 && top != 255) return operand;
  const uint32_t low = (operand + by) & 0x1ffffff;
  return low & 0x1000000 ? low | 0xff000000 : low;
}

void x86(std::span<uint8_t> block, size_t begin, size_t end, bool wide, bool back) {
  X86State state;
  for (size_t at = begin; at < end;) {
    if (state.at_relative(wide) && (T_RIP || state.field == X86State::kImmediate) &&
        (T_JCC || state.opcode == 0xe8 || state.opcode == 0xe9) && end - at >= 4) {
      uint8_t* p = block.data() + at;
      if (T_BE && back) swap_word(p);
      const uint32_t target = uint32_t(at) + state.to_end();
      write_little(p, moved(read_little(p), back ? 0 - target : target));
      if (T_BE && !back) swap_word(p);
      for (int i = 0; i < 4; ++i) state.push(0, wide);
      at += 4;
    } else {
      state.push(block[at++], wide);
    }
  }
}

// ARM64: BL and ADRP; and the most significant byte first.
void arm64(std::span<uint8_t> block, size_t begin, size_t end, bool back) {
  for (size_t at = (begin + 3) / 4 * 4; at + 4 <= end; at += 4) {
    uint8_t* p = block.data() + at;
    if ((T_WORDS & 1) && back) swap_word(p);
    uint32_t w = read_little(p);
    if ((w & 0xfc000000) == 0x94000000 && (T_WORDS & 2)) {
      const uint32_t by = uint32_t(at / 4);
      w = 0x94000000 | ((back ? w - by : w + by) & 0x3ffffff);
      write_little(p, w);
    }
    if ((w & 0x9f000000) == 0x90000000 && T_ADRP) {
      const uint32_t by = uint32_t(at / 4096), page = (w >> 29 & 3) | (w >> 5 & 0x7ffff) << 2;
      const uint32_t to = back ? page - by : page + by;
      w = (w & 0x9f00001f) | (to & 3) << 29 | (to >> 2 & 0x7ffff) << 5;
      write_little(p, w);
    }
    if ((T_WORDS & 1) && !back) swap_word(p);
  }
}

void sparc(std::span<uint8_t> block, size_t begin, size_t end, bool back) {
  for (size_t at = (begin + 3) / 4 * 4; at + 4 <= end; at += 4) {
    uint8_t* p = block.data() + at;
    if ((p[0] & 0xc0) != 0x40 || !(T_WORDS & 2)) continue;
    swap_word(p);
    const uint32_t w = read_little(p), by = uint32_t(at / 4);
    write_little(p, 0x40000000 | ((back ? w - by : w + by) & 0x3fffffff));
    swap_word(p);
  }
}

void each_segment(std::span<uint8_t> block, std::span<const Segment> segments, bool back) {
  size_t at = 0;
  for (const Segment& s : segments) {
    const size_t end = at + size_t(s.length);
    if (s.kind == kExecutable && s.param == kX86) x86(block, at, end, false, back);
    if (s.kind == kExecutable && s.param == kX64) x86(block, at, end, true, back);
    if (s.kind == kExecutable && s.param == kArm64) arm64(block, at, end, back);
    if (s.kind == kExecutable && s.param == kSparc) sparc(block, at, end, back);
    at = end;
  }
}

}  // namespace

void transform_code(std::span<uint8_t> block, std::span<const Segment> segments) { each_segment(block, segments, false); }
void restore_code(std::span<uint8_t> block, std::span<const Segment> segments) { each_segment(block, segments, true); }

}  // namespace nzip
