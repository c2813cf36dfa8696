// Range coder: 64-bit low and range, carry propagated into the bytes already written (Subbotin/Schindler style carry,
// byte-wise renormalisation). The range never falls below 2^56, so a 32-bit probability keeps at least 24 bits of
// resolution at its smallest step and the loss against the ideal code length is below 2^-20 bits a decision.
#pragma once

#include <cstddef>
#include <cstdint>

#include "coder/carrying_bytes.hpp"

namespace nzip {

constexpr uint64_t kRangeFloor = uint64_t(1) << 56;

class RangeEncoder {
 public:
  RangeEncoder(uint8_t* out, size_t capacity) : out_({out, capacity}) {}

  // Bit y with P(y = 1) = p1 / 2^32, 0 < p1 < 2^32.
  void encode_bit(int y, uint32_t p1) {
    const uint64_t bound = (range_ >> 32) * p1;
    if (y) {
      range_ = bound;
    } else {
      out_.add(bound);
      range_ -= bound;
    }
    normalize();
  }

  // A symbol that owns [cumulative, cumulative + frequency) of 2^total_log2; total_log2 <= 32, frequency > 0.
  void encode_symbol(uint32_t cumulative, uint32_t frequency, int total_log2) {
    const uint64_t unit = range_ >> total_log2;
    out_.add(unit * cumulative);
    range_ = unit * frequency;
    normalize();
  }

  // Ends with the fewest bytes (0 to 8) that decode right when followed by zero bytes; returns the coded length.
  size_t finish() { return out_.finish(range_); }

  bool overflowed() const { return out_.overflowed(); }

 private:
  void normalize() {
    while (range_ < kRangeFloor) {
      out_.put();
      range_ <<= 8;
    }
  }

  CarryingBytes out_;
  uint64_t range_ = ~uint64_t(0);
};

class RangeDecoder {
 public:
  RangeDecoder(const uint8_t* in, size_t size) : in_(in), size_(size) {
    for (int i = 0; i < 8; ++i) code_ = code_ << 8 | next();
  }

  int decode_bit(uint32_t p1) {
    const uint64_t bound = (range_ >> 32) * p1;
    const int y = code_ < bound;
    if (y) {
      range_ = bound;
    } else {
      code_ -= bound;
      range_ -= bound;
    }
    normalize();
    return y;
  }

  // The position in 2^total_log2 whose owner is the next symbol; always below 2^total_log2.
  uint32_t peek(int total_log2) const {
    const uint64_t at = code_ / (range_ >> total_log2), last = (uint64_t(1) << total_log2) - 1;
    return uint32_t(at < last ? at : last);
  }
  void consume(uint32_t cumulative, uint32_t frequency, int total_log2) {
    const uint64_t unit = range_ >> total_log2;
    code_ -= unit * cumulative;
    range_ = unit * frequency;
    normalize();
  }

  // True once more has been read than the encoder can have written: the stream was cut or forged.
  bool exhausted() const { return position_ > size_ + 8; }

 private:
  uint8_t next() {
    const uint8_t byte = position_ < size_ ? in_[position_] : 0;
    ++position_;
    return byte;
  }
  void normalize() {
    while (range_ < kRangeFloor) {
      code_ = code_ << 8 | next();
      range_ <<= 8;
    }
  }

  const uint8_t* in_;
  size_t size_;
  size_t position_ = 0;
  uint64_t code_ = 0;
  uint64_t range_ = ~uint64_t(0);
};

}  // namespace nzip
