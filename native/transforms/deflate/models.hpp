// Binary decisions under probabilities that adapt: written and read by the same code.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "coder/range_coder.hpp"

namespace nzip::deflate {

// The probability of a 1, in 2^-32. It moves by half, a quarter, ... and at last 1/64 of what is missing.
class Bit {
 public:
  uint32_t probability() const { return p_; }
  void learn(int bit) {
    if (bit) {
      p_ += (kMost - p_) >> rate_;
    } else {
      p_ -= (p_ - kLeast) >> rate_;
    }
    rate_ += rate_ < 6;
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

class BitEncoder {
 public:
  static constexpr bool kDecodes = false;

  explicit BitEncoder(std::span<uint8_t> out) : coder_(out.data(), out.size()) {}
  int code(int bit, Bit& model) {
    coder_.encode_bit(bit, model.probability());
    model.learn(bit);
    return bit;
  }
  bool failed() const { return coder_.overflowed(); }
  size_t finish() { return coder_.finish(); }

 private:
  RangeEncoder coder_;
};

class BitDecoder {
 public:
  static constexpr bool kDecodes = true;

  explicit BitDecoder(std::span<const uint8_t> in) : coder_(in.data(), in.size()) {}
  // What is passed is not looked at.
  int code(int, Bit& model) {
    const int bit = coder_.decode_bit(model.probability());
    model.learn(bit);
    return bit;
  }
  bool failed() const { return coder_.exhausted(); }

 private:
  RangeDecoder coder_;
};

// A number below 2^30, as the number of its bits and these; the highest two below the first are learned.
class Number {
 public:
  template <class Coder>
  uint32_t code(Coder& coder, uint32_t value) {
    const uint32_t more = value + 1;
    size_t bits = 1;
    while (bits <= kMostBits && coder.code(more >> bits != 0, longer_[bits - 1])) ++bits;
    uint32_t result = 1;
    for (size_t left = bits - 1; left > 0; --left) {
      Bit even, &model = result < 4 ? high_[bits - 1][result - 1] : even;
      result = result << 1 | uint32_t(coder.code(int(more >> (left - 1) & 1), model));
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
      node = node << 1 | uint32_t(coder.code(int(value >> left & 1), nodes_[node]));
    return node - (1u << bits);
  }

 private:
  std::array<Bit, size_t(1) << bits> nodes_;
};

}  // namespace nzip::deflate
