// Huffman codes as a JPEG declares them.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "transforms/jpeg/bits.hpp"

namespace nzip::jpeg {

class HuffmanTable {
 public:
  HuffmanTable() = default;  // has no symbols
  // The number of codes of each length from 1 to 16, and the symbols in the order of their codes. Throws
  // std::invalid_argument if there are more codes than bits allow.
  HuffmanTable(std::span<const uint8_t, 16> counts, std::span<const uint8_t> symbols);

  int read(BitReader& bits) const {
    const uint32_t next = bits.peek16();
    Entry entry = short_[next >> (16 - kShort)];
    if (!entry.length) entry = find_long(next);
    bits.skip(entry.length);
    return entry.symbol;
  }
  void write(BitWriter& bits, int symbol) const {
    const int length = lengths_[size_t(symbol)];
    if (!length) throw std::invalid_argument("a symbol has no code");
    bits.write(codes_[size_t(symbol)], length);
  }

 private:
  static constexpr int kShort = 9;  // longest codes that are looked up at once
  struct Entry {
    uint8_t symbol = 0, length = 0;
  };
  Entry find_long(uint32_t next) const;

  std::array<Entry, 1 << kShort> short_{};
  std::array<uint32_t, 17> ends_{};  // of each length: what is behind its last code, in 16 bits
  std::array<int, 17> offsets_{};    // of each length: its first symbol less its first code
  std::array<uint8_t, 256> symbols_{};
  std::array<uint16_t, 256> codes_{};
  std::array<uint8_t, 256> lengths_{};
};

// The tables that ITU-T T.81 gives in annex K.3, of which files without tables make use: frames of Motion JPEG.
const HuffmanTable& standard_table(bool ac, bool chroma);

}  // namespace nzip::jpeg
