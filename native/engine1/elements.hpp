// The elements of records: values of 8, 4 or 2 bytes that often come again as they were, in rows of some length.
#pragma once

#include <algorithm>
#include <cstdint>

namespace nzip::engine1 {

class Elements {
 public:
  uint32_t at = 0;    // bytes of the next element that are known
  uint64_t part = 0;  // these bytes, newest lowest

  // stride: the records' length.
  void enter(uint32_t stride) {
    *this = Elements();
    width_ = stride % 8 == 0 ? 8 : stride % 4 == 0 ? 4 : stride % 2 == 0 ? 2 : 1;
  }

  void push(uint8_t c) {
    part = part << 8 | c;
    if (++at < width_) return;
    for (uint32_t i = 0; i < kKept; ++i) equal_[i] += (int32_t(before_[i] == part) * kAlways - equal_[i]) / 16;
    row_ = 0;
    for (uint32_t i = 1; i < kKept; ++i)
      if (equal_[i] > equal_[row_] + kBetter) row_ = i;
    std::copy_backward(before_, before_ + kKept - 1, before_ + kKept);
    before_[0] = part;
    at = 0;
    part = 0;
  }

  // The element one or two rows above. A row has as many elements as those are apart that were equal most often.
  uint64_t above() const { return before_[row_]; }
  uint64_t above2() const { return before_[std::min(2 * row_ + 1, kKept - 1)]; }

  // The next byte by the element above, with a leading 1; 0 where that began in another way.
  uint32_t expected() const {
    const uint32_t rest = 8 * (width_ - at);
    return at && above() >> rest != part ? 0 : 256 | uint32_t(above() >> (rest - 8) & 255);
  }
  // How often of late an element was the one above, in eight classes.
  uint32_t likeness() const { return std::min(uint32_t(equal_[row_]) >> 13, 7u); }

 private:
  static constexpr uint32_t kKept = 16;
  static constexpr int32_t kAlways = 65536, kBetter = 2000;

  uint32_t width_ = 1;
  uint64_t before_[kKept] = {};  // newest first
  int32_t equal_[kKept] = {};    // how often elements so far apart were equal
  uint32_t row_ = 0;             // a row's elements, less one
};

}  // namespace nzip::engine1
