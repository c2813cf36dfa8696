// Bits of a deflate stream: the lowest of a byte first, codes with their highest bit first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "base/byte_order.hpp"

namespace nzip::deflate {

inline uint32_t reversed(uint32_t code, int length) {
  uint32_t result = 0;
  for (int i = 0; i < length; ++i) result |= (code >> i & 1) << (length - 1 - i);
  return result;
}

class BitReader {
 public:
  explicit BitReader(std::span<const uint8_t> data) : data_(data) {}

  // So that at least 56 bits can be looked at; behind the data there are zeros.
  void refill() {
    if (data_.size() - next_ >= 8) {
      uint64_t word;
      std::memcpy(&word, data_.data() + next_, 8);
      to_little_endian(&word, 8, 8);
      bits_ |= word << count_;
      next_ += size_t(63 - count_) / 8;
      count_ |= 56;
      return;
    }
    while (count_ < 56 && next_ < data_.size()) {
      bits_ |= uint64_t(data_[next_++]) << count_;
      count_ += 8;
    }
  }
  uint32_t peek(int count) const { return uint32_t(bits_ & ((uint64_t(1) << count) - 1)); }
  // False where the data end before that.
  bool skip(int count) {
    if (count > count_) return false;
    bits_ >>= count;
    count_ -= count;
    return true;
  }
  bool take(int count, uint32_t& value) {
    if (count > count_) refill();
    value = peek(count);
    return skip(count);
  }
  // At a byte's start: the next bytes, fewer where the data end.
  std::span<const uint8_t> bytes(size_t size) {
    next_ -= size_t(count_) / 8;
    bits_ = 0;
    count_ = 0;
    const auto result = data_.subspan(next_, size < data_.size() - next_ ? size : data_.size() - next_);
    next_ += result.size();
    return result;
  }
  size_t position() const { return 8 * next_ - size_t(count_); }        // in bits
  bool at_end() const { return next_ == data_.size() && count_ < 15; }  // not even a code is left

 private:
  std::span<const uint8_t> data_;
  size_t next_ = 0;
  uint64_t bits_ = 0;
  int count_ = 0;
};

class BitWriter {
 public:
  void put(uint32_t value, int count) {
    bits_ |= uint64_t(value) << count_;
    count_ += count;
    if (count_ >= 32) put_word();
  }
  void put(std::span<const uint8_t> bytes) {
    put_bytes();
    out_.insert(out_.end(), bytes.begin(), bytes.end());
  }
  int to_byte() const { return -count_ & 7; }  // bits to the next byte's start
  size_t size() const { return out_.size() + size_t(count_) / 8; }
  // Whole ones.
  std::vector<uint8_t>& bytes() {
    put_bytes();
    return out_;
  }

 private:
  void put_word() {
    auto word = uint32_t(bits_);
    to_little_endian(&word, 4, 4);
    const size_t at = out_.size();
    out_.resize(at + 4);
    std::memcpy(out_.data() + at, &word, 4);
    bits_ >>= 32;
    count_ -= 32;
  }
  void put_bytes() {
    for (; count_ >= 8; count_ -= 8, bits_ >>= 8) out_.push_back(uint8_t(bits_));
  }

  std::vector<uint8_t> out_;
  uint64_t bits_ = 0;
  int count_ = 0;  // below 32
};

}  // namespace nzip::deflate
