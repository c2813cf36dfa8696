// Bits of a bzip2 stream: high bit first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

namespace nzip::bzip2 {

// Asked for more than there is, it throws std::invalid_argument.
class BitReader {
 public:
  explicit BitReader(std::span<const uint8_t> data) : data_(data) {}

  // The next bits, up to 32; what is not there reads as zeros.
  uint32_t peek(int count) {
    while (held_ < 32) {
      bits_ = bits_ << 8 | (at_ < data_.size() ? data_[at_] : 0u);
      ++at_;
      held_ += 8;
    }
    return uint32_t(bits_ >> (held_ - count) & ((uint64_t(1) << count) - 1));
  }
  void skip(int count) {
    held_ -= count;
    if (position() > 8 * uint64_t(data_.size())) throw std::invalid_argument("the stream ends early");
  }
  uint32_t read(int count) {
    const uint32_t value = peek(count);
    skip(count);
    return value;
  }
  uint64_t position() const { return 8 * uint64_t(at_) - uint64_t(held_); }  // bits that were read

 private:
  std::span<const uint8_t> data_;
  size_t at_ = 0;
  uint64_t bits_ = 0;  // the last held_ of which are still to be read
  int held_ = 0;
};

class BitWriter {
 public:
  explicit BitWriter(std::vector<uint8_t>& out) : out_(out) {}

  void write(uint32_t value, int count) {  // up to 32
    bits_ = bits_ << count | value;
    for (held_ += count; held_ >= 8;) out_.push_back(uint8_t(bits_ >> (held_ -= 8)));
  }
  void pad() {
    if (held_) write(0, 8 - held_);
  }

 private:
  std::vector<uint8_t>& out_;
  uint64_t bits_ = 0;  // the last held_ of which are still to be written
  int held_ = 0;
};

}  // namespace nzip::bzip2
