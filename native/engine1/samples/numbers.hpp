// Numbers of samples segments, as the engine sees them, and what they stand for in linear arithmetic.
#pragma once

#include <bit>
#include <cstdint>

#include "base/sample_layout.hpp"

namespace nzip::engine1::NZIP_ISA {

// 8 log2(x) rounded down, x >= 1.
inline uint32_t log8(uint64_t x) {
  const uint32_t n = 63 - uint32_t(std::countl_zero(x));
  return n * 8 + (uint32_t((x << (63 - n)) >> 60) & 7);
}

// Of a number's ordered form (see sample_order.hpp) the engine's linear arithmetic sees the first four bytes. Floats
// that are smooth are predicted as what they stand for, all others as the integers that they are coded as. Numbers too
// small or large to calculate with count as 0; so no denormal number ever enters.
class SampleNumbers {
 public:
  explicit SampleNumbers(const SampleLayout& layout)
      : bytes_(layout.width < 4 ? layout.width : 4),
        floats_(layout.numbers == SampleLayout::kFloat ? layout.width : 0) {}

  uint32_t bytes() const { return bytes_; }
  bool floats() const { return floats_ >= 4; }
  double middle() const { return floats() ? 0 : double(uint64_t(1) << (8 * bytes_ - 1)); }
  double ridge() const { return floats() ? 1e-30 : 1.0; }

  double value(uint32_t ordered) const {
    if (!floats()) return ordered;
    const uint32_t bits = ordered & 0x80000000u ? ordered ^ 0x80000000u : ~ordered;
    if (floats_ == 4) {
      const uint32_t exponent = bits >> 23 & 255;
      return exponent < 127 - 100 || exponent > 127 + 100 ? 0 : double(std::bit_cast<float>(bits));
    }
    const uint32_t exponent = bits >> 20 & 2047;
    return exponent < 1023 - 100 || exponent > 1023 + 100 ? 0 : std::bit_cast<double>(uint64_t(bits) << 32);
  }

  // The ordered form of a value, in sixteenths.
  int64_t ordered(double value) const {
    if (!floats()) {
      const double most = double((uint64_t(1) << 8 * bytes_) - 1);
      const double held = value > 0 ? value < most ? value : most : 0;
      return int64_t(held * 16 + 0.5);
    }
    // What is not a number fails every comparison and becomes 0.
    const double size = value < 0 ? -value : value;
    const double held = size > 1e-29 && size < 1e29 ? value : 0;
    const uint32_t bits =
        floats_ == 4 ? std::bit_cast<uint32_t>(float(held)) : uint32_t(std::bit_cast<uint64_t>(held) >> 32);
    return int64_t(bits & 0x80000000u ? ~bits : bits ^ 0x80000000u) * 16;
  }

 private:
  uint32_t bytes_, floats_;
};

}  // namespace nzip::engine1::NZIP_ISA
