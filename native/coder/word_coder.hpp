// Range coder for bits with probabilities of 16 bits: 64-bit low and range, renormalised by 32 bits at a time. So few
// bits take that branch, and processors predict it; range_coder.hpp, which renormalises by bytes, keeps finer
// probabilities. The range never falls below 2^32, and is far above it on average.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "coder/carrying_bytes.hpp"

namespace nzip {

class WordEncoder {
 public:
  static constexpr bool kDecodes = false;

  explicit WordEncoder(std::span<uint8_t> out) : out_(out) {}

  // A bit that is 1 with a probability of p1 / 2^16, 0 < p1 < 2^16. Returns it.
  int code(int bit, uint32_t p1) {
    const uint64_t bound = (range_ >> 16) * p1;
    if (bit) {
      range_ = bound;
    } else {
      out_.add(bound);
      range_ -= bound;
    }
    if (range_ < kFloor) put_word();
    return bit;
  }

  // Ends with the fewest bytes that decode right when followed by zeros; returns the coded size.
  size_t finish() { return out_.finish(range_); }

  bool failed() const { return out_.overflowed(); }

 private:
  static constexpr uint64_t kFloor = uint64_t(1) << 32;

  [[gnu::noinline]] void put_word() {
    for (int i = 0; i < 4; ++i) out_.put();
    range_ <<= 32;
  }

  CarryingBytes out_;
  uint64_t range_ = ~uint64_t(0);
};

class WordDecoder {
 public:
  static constexpr bool kDecodes = true;

  explicit WordDecoder(std::span<const uint8_t> in) : in_(in) {
    code_ = uint64_t(take_word()) << 32, code_ |= take_word();
  }

  int code(int, uint32_t p1) {
    const uint64_t bound = (range_ >> 16) * p1;
    const bool bit = code_ < bound;
    if (bit) {
      range_ = bound;
    } else {
      code_ -= bound;
      range_ -= bound;
    }
    if (range_ < kFloor) {
      code_ = code_ << 32 | take_word();
      range_ <<= 32;
    }
    return bit;
  }

  // True once more has been read than the encoder can have written: the stream was cut or forged.
  bool failed() const { return position_ > in_.size() + 8; }

 private:
  static constexpr uint64_t kFloor = uint64_t(1) << 32;

  [[gnu::noinline]] uint32_t take_word() {
    uint32_t word = 0;
    for (int i = 0; i < 4; ++i, ++position_) word = word << 8 | (position_ < in_.size() ? in_[position_] : 0u);
    return word;
  }

  std::span<const uint8_t> in_;
  size_t position_ = 0;
  uint64_t code_ = 0;
  uint64_t range_ = ~uint64_t(0);
};

}  // namespace nzip
