// Binary decisions under probabilities that adapt.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace nzip::deflate {

// The probability of a 1, in 2^-32. It moves by half, a quarter, ... and at last 1/64 of what is missing.
class Bit {
 public:
  template <class Coder>
  int code(Coder& coder, int bit) {
    bit = coder.code(bit, p_);
    if (bit) {
      p_ += (kMost - p_) >> rate_;
    } else {
      p_ -= (p_ - kLeast) >> rate_;
    }
    rate_ += rate_ < 6;
    return bit;
  }
  // That a guess will be right.
  static Bit likely() {
    Bit bit;
    bit.p_ = kMost - (kMost >> 6);
    bit.rate_ = 4;
    return bit;
  }

 private:
  static constexpr uint32_t kLeast = 1 << 16, kMost = ~uint32_t(0) - kLeast;

  uint32_t p_ = uint32_t(1) << 31;
  uint8_t rate_ = 1;
};

template <size_t n>
constexpr std::array<Bit, n> likely_bits() {
  std::array<Bit, n> bits;
  bits.fill(Bit::likely());
  return bits;
}

// A number below 2^30, as the number of its bits and these; the highest two below the first are learned.
class Number {
 public:
  template <class Coder>
  uint32_t code(Coder& coder, uint32_t value) {
    const uint32_t more = value + 1;
    size_t bits = 1;
    while (bits <= kMostBits && longer_[bits - 1].code(coder, more >> bits != 0)) ++bits;
    uint32_t result = 1;
    for (size_t left = bits - 1; left > 0; --left) {
      Bit even, &model = result < 4 ? high_[bits - 1][result - 1] : even;
      result = result << 1 | uint32_t(model.code(coder, int(more >> (left - 1) & 1)));
    }
    return result - 1;
  }

 private:
  static constexpr size_t kMostBits = 29;

  std::array<Bit, kMostBits> longer_;
  std::array<std::array<Bit, 3>, kMostBits + 1> high_;
};

// A number of so many bits.
template <int bits>
class Symbol {
 public:
  template <class Coder>
  uint32_t code(Coder& coder, uint32_t value) {
    uint32_t node = 1;
    for (int left = bits - 1; left >= 0; --left)
      node = node << 1 | uint32_t(nodes_[node].code(coder, int(value >> left & 1)));
    return node - (1u << bits);
  }

 private:
  std::array<Bit, size_t(1) << bits> nodes_;
};

}  // namespace nzip::deflate
