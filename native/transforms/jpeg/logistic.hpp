// Probabilities of sums of opinions: of x, 1 / (1 + e^(-x / 256)).
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
  }
  // In 16 bits, of x from -2047 to 2047.
  uint32_t squash(int x) const { return squash_[size_t(2048 + x)]; }

 private:
  std::array<uint16_t, 4096> squash_{};
};

inline constexpr Logistic kLogistic;

}  // namespace nzip::jpeg
