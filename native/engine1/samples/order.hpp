// What the engine codes in place of the numbers of samples segments: unsigned numbers in the order of their values,
// highest byte first, so that what predicts need not know where they came from and codes what matters most first.
#pragma once

#include <cstdint>
#include <span>

#include "base/sample_layout.hpp"
#include "base/segments.hpp"
#include "base/stop.hpp"

namespace nzip::engine1 {

class SampleOrder {
 public:
  static bool needed(std::span<const Segment> segments) {
    for (const Segment& s : segments)
      if (s.kind == kSamples) return true;
    return false;
  }

  // Reorder a block in place, and back. The segments' lengths sum to the block's.
  static void encode(std::span<uint8_t> bytes, std::span<const Segment> segments, const Stop& stop) {
    each<true>(bytes, segments, stop);
  }
  static void decode(std::span<uint8_t> bytes, std::span<const Segment> segments, const Stop& stop) {
    each<false>(bytes, segments, stop);
  }

 private:
  template <bool kForth>
  static void each(std::span<uint8_t> bytes, std::span<const Segment> segments, const Stop& stop) {
    uint8_t* at = bytes.data();
    for (const Segment& s : segments) {
      if (s.kind == kSamples) {
        const SampleLayout layout = SampleLayout::of(s.param);
        for (uint64_t i = 0; i + layout.width <= s.length; i += layout.width) {
          stop.check();
          number<kForth>(at + i, layout);
        }
      }
      at += s.length;
    }
  }

  template <bool kForth>
  static void number(uint8_t* p, const SampleLayout& layout) {
    const uint64_t v = read(p, layout.width, kForth ? layout.big_endian : true);
    write(p, layout.width, kForth ? true : layout.big_endian, kForth ? ordered(v, layout) : original(v, layout));
  }

  static uint64_t read(const uint8_t* p, uint32_t width, bool big_endian) {
    uint64_t v = 0;
    for (uint32_t i = 0; i < width; ++i) v = v << 8 | p[big_endian ? i : width - 1 - i];
    return v;
  }
  static void write(uint8_t* p, uint32_t width, bool big_endian, uint64_t v) {
    for (uint32_t i = 0; i < width; ++i, v >>= 8) p[big_endian ? width - 1 - i : i] = uint8_t(v);
  }

  static uint64_t ordered(uint64_t v, const SampleLayout& layout) {
    const uint64_t top = uint64_t(1) << (8 * layout.width - 1), all = top | (top - 1);
    switch (layout.numbers) {
      case SampleLayout::kSigned:
        return v ^ top;
      case SampleLayout::kFloat:
        return v & top ? v ^ all : v ^ top;
      default:
        return v;
    }
  }
  static uint64_t original(uint64_t v, const SampleLayout& layout) {
    const uint64_t top = uint64_t(1) << (8 * layout.width - 1), all = top | (top - 1);
    switch (layout.numbers) {
      case SampleLayout::kSigned:
        return v ^ top;
      case SampleLayout::kFloat:
        return v & top ? v ^ top : v ^ all;
      default:
        return v;
    }
  }
};

}  // namespace nzip::engine1
