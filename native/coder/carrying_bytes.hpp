// What range coders write: the bytes of a 64-bit low, whose carries run into those already written.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace nzip {

class CarryingBytes {
 public:
  explicit CarryingBytes(std::span<uint8_t> out) : out_(out) {}

  void add(uint64_t x) {
    low_ += x;
    if (low_ < x) carry();
  }
  // Writes the highest byte.
  void put() {
    if (size_ < out_.size()) out_[size_] = uint8_t(low_ >> 56);
    size_ = std::min(size_, out_.size()) + 1;
    low_ <<= 8;
  }
  // Ends a code of this range with the fewest bytes (0 to 8) that decode right when followed by zero bytes; returns
  // the coded size.
  size_t finish(uint64_t range) {
    for (int keep = 0; keep <= 8; ++keep) {
      const uint64_t mask = keep == 8 ? 0 : ~uint64_t(0) >> (8 * keep);
      const uint64_t rounded = (low_ + mask) & ~mask;  // mod 2^64: 0 stands for 2^64 when low_ > 0
      if (rounded - low_ > range - 1) continue;
      if (rounded < low_) carry();
      low_ = rounded;
      for (int i = 0; i < keep; ++i) put();
      break;
    }
    return size_;
  }
  bool overflowed() const { return size_ > out_.size(); }

 private:
  void carry() {
    for (size_t i = std::min(size_, out_.size()); i > 0 && ++out_[i - 1] == 0;) --i;
  }

  std::span<uint8_t> out_;
  size_t size_ = 0;  // bytes produced; one more than there is room for once one did not fit
  uint64_t low_ = 0;
};

}  // namespace nzip
