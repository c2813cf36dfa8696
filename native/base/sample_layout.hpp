// How the numbers of a samples segment lie in its bytes: what the segment's parameter says. Every parameter is valid.
#pragma once

#include <cstdint>

namespace nzip {

struct SampleLayout {
  enum Numbers : uint32_t { kUnsigned = 0, kSigned = 1, kFloat = 2 };  // kFloat: of IEEE 754; 3 stands for it, too
  static constexpr uint32_t kMostRow = (1u << 23) - 1;

  uint32_t width = 1;  // bytes of a number: 1, 2, 4 or 8
  bool big_endian = false;
  uint32_t numbers = kUnsigned;
  uint32_t channels = 1;  // 1 to 16 numbers that belong together: colours of a pixel, ears of a sound
  uint32_t row = 0;       // bytes from a number to the one below it, 0 where there are no rows

  static SampleLayout of(uint32_t param) {
    const uint32_t numbers = param >> 3 & 3;
    return {1u << (param & 3), (param >> 2 & 1) != 0, numbers < kFloat ? numbers : kFloat, (param >> 5 & 15) + 1,
            param >> 9};
  }
  uint32_t param() const {
    const uint32_t log2 = width == 8 ? 3 : width / 2;
    return log2 | uint32_t(big_endian) << 2 | numbers << 3 | (channels - 1) << 5 | row << 9;
  }
  uint32_t pixel() const { return width * channels; }
  bool operator==(const SampleLayout&) const = default;
};

}  // namespace nzip
