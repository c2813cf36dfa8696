// The longest repetition that a lane is in, as far as a language model's expert needs to know.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "base/hash.hpp"

namespace nzip {

class MatchFinder {
 public:
  // The lane's bytes are those of the block from `begin` on.
  MatchFinder(uint32_t begin, uint32_t size)
      : begin_(begin), log2_(std::clamp(int(std::bit_width(size)), 8, 20)), last_(size_t(1) << log2_) {}

  // Takes the byte plain[position], the lane's next one.
  void push(const uint8_t* plain, uint32_t position) {
    bytes_ = bytes_ << 8 | plain[position];
    if (length_ && plain[from_] == plain[position]) {
      ++length_;
      ++from_;
    } else {
      length_ = 0;
    }
    const uint32_t end = position + 1;
    if (end - begin_ < kLeast) return;
    uint32_t& last = last_[mix(bytes_, 0) >> (64 - log2_)];
    if (!length_ && last) find(plain, last, end);
    last = end;
  }

  uint32_t length() const { return length_; }  // bytes that were repeated up to here, 0 for none
  uint32_t from() const { return from_; }      // where the byte stands that comes next if it goes on
  uint64_t bytes() const { return bytes_; }    // the lane's last eight

 private:
  static constexpr uint32_t kLeast = 8, kMost = 64;  // bytes that are hashed; that are compared to find the length

  void find(const uint8_t* plain, uint32_t at, uint32_t end) {
    uint32_t n = 0;
    while (n < kMost && at - n > begin_ && plain[at - n - 1] == plain[end - n - 1]) ++n;
    if (n >= kLeast) {
      length_ = n;
      from_ = at;
    }
  }

  uint32_t begin_;
  int log2_;
  std::vector<uint32_t> last_;  // by the last bytes: where what followed them stands
  uint64_t bytes_ = 0;
  uint32_t length_ = 0, from_ = 0;
};

}  // namespace nzip
