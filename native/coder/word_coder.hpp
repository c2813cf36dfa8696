// Range coder for bits with probabilities of 16 bits: 64-bit low and range, renormalised by 32 bits at a time. So few
// bits take that branch, and processors predict it; range_coder.hpp, which renormalises by bytes, keeps finer
// probabilities. The range never falls below 2^32, and is far above it on average.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

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
      low_ += bound;
      if (low_ < bound) carry();
      range_ -= bound;
    }
    if (range_ < kFloor) put_word();
    return bit;
  }

  // Ends with the fewest bytes that decode right when followed by zeros; returns the coded size.
  size_t finish() {
    for (int keep = 0; keep <= 8; ++keep) {
      const uint64_t mask = keep == 8 ? 0 : ~uint64_t(0) >> (8 * keep);
      const uint64_t rounded = (low_ + mask) & ~mask;  // mod 2^64: 0 stands for 2^64 when low_ > 0
      if (rounded - low_ > range_ - 1) continue;
      if (rounded < low_) carry();
      low_ = rounded;
      for (int i = 0; i < keep; ++i) put();
      break;
    }
    return size_;
  }

  bool failed() const { return size_ > out_.size(); }

 private:
  static constexpr uint64_t kFloor = uint64_t(1) << 32;

  void carry() {
    for (size_t i = size_ < out_.size() ? size_ : out_.size(); i > 0 && ++out_[i - 1] == 0;) --i;
  }
  void put() {
    if (size_ < out_.size()) out_[size_] = uint8_t(low_ >> 56);
    size_ = size_ < out_.size() ? size_ + 1 : out_.size() + 1;
    low_ <<= 8;
  }
  [[gnu::noinline]] void put_word() {
    for (int i = 0; i < 4; ++i) put();
    range_ <<= 32;
  }

  std::span<uint8_t> out_;
  size_t size_ = 0;  // bytes produced; one more than there is room for once one did not fit
  uint64_t low_ = 0;
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
