// Numbers of few bits, lowest bit first.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

namespace nzip::arrays {

// Payloads that no encoder makes.
struct Damaged : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

class BitWriter {
 public:
  explicit BitWriter(std::vector<uint8_t>& out) : out_(out) {}

  // At most 32 bits.
  void put(uint32_t value, int bits) {
    held_ |= uint64_t(value) << count_;
    for (count_ += bits; count_ >= 8; count_ -= 8, held_ >>= 8) out_.push_back(uint8_t(held_));
  }
  // A number from 1 in Elias' gamma code: as many zeros as it has bits behind its highest, a one, and those bits.
  void put_gamma(uint32_t value) {
    const int bits = std::bit_width(value) - 1;
    put(0, bits);
    put(1, 1);
    put(value & ((1u << bits) - 1), bits);
  }
  // Fills the last byte up with zeros.
  void finish() {
    if (count_ > 0) put(0, 8 - count_);
  }

 private:
  std::vector<uint8_t>& out_;
  uint64_t held_ = 0;
  int count_ = 0;
};

// Takes bytes, and bits of them, from the front of a payload; throws Damaged at its end.
class Reader {
 public:
  explicit Reader(std::span<const uint8_t> data) : data_(data) {}

  size_t left() const { return data_.size(); }
  std::span<const uint8_t> take(size_t size) {
    if (size > data_.size()) throw Damaged("it ends early");
    const auto taken = data_.first(size);
    data_ = data_.subspan(size);
    return taken;
  }
  uint8_t byte() { return take(1)[0]; }
  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      const uint8_t next = byte();
      value |= uint64_t(next & 127) << shift;
      if (next < 128) return value;
    }
    throw Damaged("a number is too long");
  }

  uint32_t bit() {
    if (bits_left_ == 0) bits_ = byte(), bits_left_ = 8;
    --bits_left_;
    const uint32_t bit = bits_ & 1;
    bits_ >>= 1;
    return bit;
  }
  uint32_t gamma(int most_bits) {
    int bits = 0;
    while (bit() == 0)
      if (++bits > most_bits) throw Damaged("a number is too large");
    uint32_t value = 1u << bits;
    for (int i = 0; i < bits; ++i) value |= bit() << i;
    return value;
  }
  void finish_bits() { bits_left_ = 0; }

 private:
  std::span<const uint8_t> data_;
  uint32_t bits_ = 0;
  int bits_left_ = 0;
};

inline void put_varint(std::vector<uint8_t>& out, uint64_t value) {
  for (; value >= 128; value >>= 7) out.push_back(uint8_t(value | 128));
  out.push_back(uint8_t(value));
}

}  // namespace nzip::arrays
