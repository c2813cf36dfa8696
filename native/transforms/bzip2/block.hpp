// What the encoder and the decoder of blocks share.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace nzip::bzip2 {

constexpr uint32_t kBlockMagic[2] = {0x314159, 0x265359}, kEndMagic[2] = {0x177245, 0x385090};  // 24 bits each
constexpr size_t kBytesPerLevel = 100000;  // of a block, whose runs are shortened
constexpr size_t kGroup = 50;              // symbols that have a code in common
constexpr size_t kMostCodes = 6;           // of a block
constexpr size_t kMostSymbols = 258;       // two for runs, 255 places of bytes, and the end

// Runs of a byte are shortened: behind four stands how many more there are.
constexpr size_t kRun = 4, kMostRun = 255;

// The checksum of a block: CRC-32, high bit first.
class Checksum {
 public:
  void add(uint8_t byte) { value_ = value_ << 8 ^ kTable[value_ >> 24 ^ byte]; }
  uint32_t value() const { return ~value_; }

 private:
  static constexpr std::array<uint32_t, 256> kTable = [] {
    std::array<uint32_t, 256> table{};
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t value = i << 24;
      for (int bit = 0; bit < 8; ++bit) value = value << 1 ^ (value >> 31 ? 0x04c11db7 : 0);
      table[i] = value;
    }
    return table;
  }();

  uint32_t value_ = 0xffffffff;
};

// That of a stream.
constexpr uint32_t joined(uint32_t stream, uint32_t block) { return (stream << 1 | stream >> 31) ^ block; }

}  // namespace nzip::bzip2
