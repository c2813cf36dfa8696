// How long a match must be, by the literals of a block.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "transforms/deflate/symbols.hpp"

namespace nzip::deflate {

// With few different literals short matches do not pay, but who looks at few places hardly finds long ones: the rules
// of libdeflate (E. Biggers).
class LeastLength {
 public:
  LeastLength(uint16_t chain, bool looks_again) : chain_(chain), looks_again_(looks_again) {}

  // A block begins with what is left of the content.
  void begin(std::span<const uint8_t> left);
  void count(uint8_t literal) { ++counts_[literal]; }
  // So many bytes behind the block's start.
  uint32_t at(size_t passed);

 private:
  uint32_t length_for(size_t literals) const;

  uint16_t chain_;
  bool looks_again_;
  uint32_t length_ = kMinMatch;
  size_t left_ = 0, next_ = 0;  // bytes from the block's start to the content's end; and to where it looks again
  std::array<uint32_t, 256> counts_{};
};

}  // namespace nzip::deflate
