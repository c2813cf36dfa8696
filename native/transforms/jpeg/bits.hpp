// Bits of entropy-coded data as JPEG has them: high bit first, and a byte 00 behind each byte FF.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

namespace nzip::jpeg {

// Reads up to the next marker or the end of the data; asked for more, it throws std::invalid_argument.
class BitReader {
 public:
  explicit BitReader(std::span<const uint8_t> data) : data_(data) {}

  // The next 16 bits; what is not there any more reads as zeros.
  uint32_t peek16() {
    if (held_ < 16) fill();
    return held_ >= 16 ? uint32_t(bits_ >> (held_ - 16)) & 0xFFFF : uint32_t(bits_ << (16 - held_)) & 0xFFFF;
  }
  void skip(int count) {
    if (count > held_) throw std::invalid_argument("the entropy-coded data end early");
    held_ -= count;
  }
  uint32_t read(int count) {  // up to 16
    const uint32_t value = peek16() >> (16 - count);
    skip(count);
    return value;
  }

  // Takes what fills the last byte. Such bits are all equal in a file that can be put back.
  void take_padding() {
    const int count = held_ % 8;
    if (!count) return;
    const uint32_t ones = (1u << count) - 1, bits = read(count);
    const int padding = bits == ones ? 1 : bits == 0 ? 0 : -1;
    if (padding < 0 || (padding_ >= 0 && padding != padding_)) throw std::invalid_argument("uneven padding");
    padding_ = padding;
  }
  int padding() const { return padding_; }  // -1: there was none

  // Takes a restart marker, before which nothing may be left.
  void take_restart(int number) {
    take_padding();
    const size_t at = position();
    if (at + 2 > data_.size() || data_[at] != 0xFF || data_[at + 1] != 0xD0 + number)
      throw std::invalid_argument("no restart marker where one belongs");
    at_ = at + 2;
    held_ = 0;
  }
  // Bytes that were read, whole ones that are only held not among them.
  size_t position() const {
    size_t at = at_;
    for (int back = held_ / 8, i = 0; i < back; ++i) at -= uint8_t(bits_ >> (8 * i)) == 0xFF ? 2 : 1;
    return at;
  }

 private:
  void fill() {
    while (held_ <= 48 && at_ < data_.size()) {
      const uint8_t byte = data_[at_];
      if (byte == 0xFF) {
        if (at_ + 1 >= data_.size() || data_[at_ + 1] != 0) return;
        ++at_;
      }
      ++at_;
      bits_ = bits_ << 8 | byte;
      held_ += 8;
    }
  }

  std::span<const uint8_t> data_;
  size_t at_ = 0;
  uint64_t bits_ = 0;  // the last held_ of which are still to be read
  int held_ = 0;
  int padding_ = -1;
};

// Throws std::invalid_argument once it would write more than `limit` bytes.
class BitWriter {
 public:
  BitWriter(std::vector<uint8_t>& out, size_t limit, int padding) : out_(out), limit_(limit), padding_(padding) {}

  void write(uint32_t value, int count) {  // up to 32
    bits_ = bits_ << count | value;
    held_ += count;
    if (held_ >= 32) put_four();
  }
  void pad() {
    const int count = -held_ & 7;
    if (count) write(padding_ ? (1u << count) - 1 : 0, count);
    while (held_) put();
  }
  void restart(int number) {
    pad();
    require(2);
    out_.push_back(0xFF);
    out_.push_back(uint8_t(0xD0 + number));
  }

 private:
  void put() {
    held_ -= 8;
    const auto byte = uint8_t(bits_ >> held_);
    require(2);
    out_.push_back(byte);
    if (byte == 0xFF) out_.push_back(0);
  }
  void put_four() {
    const auto four = uint32_t(bits_ >> (held_ - 32));
    if (four & (~four - 0x01010101) & 0x80808080) {  // perhaps a byte FF is among them
      for (int i = 0; i < 4; ++i) put();
      return;
    }
    require(4);
    held_ -= 32;
    const std::array<uint8_t, 4> bytes{uint8_t(four >> 24), uint8_t(four >> 16), uint8_t(four >> 8), uint8_t(four)};
    out_.insert(out_.end(), bytes.begin(), bytes.end());
  }
  void require(size_t count) const {
    if (out_.size() + count > limit_ + 1) throw std::invalid_argument("more data than the file has");
  }

  std::vector<uint8_t>& out_;
  size_t limit_;
  int padding_;
  uint64_t bits_ = 0;
  int held_ = 0;
};

}  // namespace nzip::jpeg
