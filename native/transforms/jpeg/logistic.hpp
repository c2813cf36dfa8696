// Probabilities on the scale where independent opinions add up: x stands for 1 / (1 + e^(-x / 256)).
#pragma once

#include <array>
#include <cstdint>

namespace nzip::jpeg {

class Logistic {
 public:
  static constexpr int kMost = 2047;

  constexpr Logistic() {
    uint64_t power = uint64_t(1) << 32;  // e^(-x / 256), in 32 bits
    for (int x = 0; x <= kMost; ++x) {
      const uint16_t p = uint16_t((uint64_t(1) << 48) / ((uint64_t(1) << 32) + power));
      squash_[size_t(2048 + x)] = p;
      squash_[size_t(2048 - x)] = uint16_t(65536 - p);
      power = power * 4278222805u >> 32;
    }
    squash_[0] = squash_[1];
    int x = -kMost;
    for (uint32_t i = 0; i < stretch_.size(); ++i) {
      while (x < kMost && squash_[size_t(2048 + x)] < i * 16 + 8) ++x;
      stretch_[i] = int16_t(x);
    }
  }
  // In 16 bits, of x from -2047 to 2047.
  uint32_t squash(int x) const { return squash_[size_t(2048 + x)]; }
  // Of a probability in 12 bits.
  int stretch(uint32_t p) const { return stretch_[p]; }

 private:
  std::array<uint16_t, 4096> squash_{};
  std::array<int16_t, 4096> stretch_{};
};

inline constexpr Logistic kLogistic;

}  // namespace nzip::jpeg
