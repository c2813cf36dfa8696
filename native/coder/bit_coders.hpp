// Binary decisions that a model writes and reads by the same code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "coder/range_coder.hpp"

namespace nzip {

// What both coders look like to a model: code() takes the bit, which a decoder does not look at, and the probability of
// a 1 in 2^-32, never 0, and returns the bit.
class BitEncoder {
 public:
  static constexpr bool kDecodes = false;

  explicit BitEncoder(std::span<uint8_t> out) : coder_(out.data(), out.size()) {}
  int code(int bit, uint32_t p1) {
    coder_.encode_bit(bit, p1);
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
  int code(int, uint32_t p1) { return coder_.decode_bit(p1); }
  bool failed() const { return coder_.exhausted(); }

 private:
  RangeDecoder coder_;
};

}  // namespace nzip
