// What RFC 1951 says of a deflate stream: tokens, and the symbols that stand for them.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace nzip::deflate {

constexpr uint32_t kMinMatch = 3, kMaxMatch = 258, kMaxDistance = 32768;
constexpr size_t kEndOfBlock = 256, kFirstLength = 257;
constexpr size_t kLiteralSymbols = 286, kDistanceSymbols = 30, kRunSymbols = 19;
constexpr int kMaxCode = 15, kMaxRunCode = 7;  // bits of a code, and of one for code lengths

// A literal, or a match of that length so many bytes before.
struct Token {
  uint16_t length = 1;
  uint16_t distance = 0;  // 0: a literal

  bool is_literal() const { return distance == 0; }
  bool operator==(const Token&) const = default;
};

// A symbol that stands for `base` and what so many extra bits add.
struct Range {
  uint16_t base;
  uint8_t extra;
};

constexpr std::array<Range, kLiteralSymbols - kFirstLength> kLengths = [] {
  std::array<Range, kLiteralSymbols - kFirstLength> ranges{};
  uint16_t base = kMinMatch;
  for (size_t i = 0; i + 1 < ranges.size(); ++i) {
    const auto extra = uint8_t(i < 8 ? 0 : i / 4 - 1);
    ranges[i] = {base, extra};
    base = uint16_t(base + (1 << extra));
  }
  ranges.back() = {kMaxMatch, 0};
  return ranges;
}();

constexpr std::array<Range, kDistanceSymbols> kDistances = [] {
  std::array<Range, kDistanceSymbols> ranges{};
  uint16_t base = 1;
  for (size_t i = 0; i < ranges.size(); ++i) {
    const auto extra = uint8_t(i < 4 ? 0 : i / 2 - 1);
    ranges[i] = {base, extra};
    base = uint16_t(base + (1 << extra));
  }
  return ranges;
}();

constexpr std::array<uint8_t, kMaxMatch + 1> kLengthSymbols = [] {
  std::array<uint8_t, kMaxMatch + 1> symbols{};
  for (size_t i = 0; i < kLengths.size(); ++i)
    for (size_t length = kLengths[i].base; length <= kMaxMatch; ++length) symbols[length] = uint8_t(i);
  return symbols;
}();

inline size_t length_symbol(uint32_t length) { return kFirstLength + kLengthSymbols[length]; }

inline size_t distance_symbol(uint32_t distance) {
  const uint32_t d = distance - 1;
  if (d < 4) return d;
  const auto log2 = uint32_t(std::bit_width(d)) - 1;
  return 2 * log2 + (d >> (log2 - 1) & 1);
}

constexpr uint8_t fixed_length(size_t symbol) { return symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8; }
constexpr uint8_t kFixedDistance = 5;

// Code lengths are written as symbols: 0 to 15 a length, 16 the last one 3 to 6 times, 17 and 18 zeros.
constexpr uint8_t kRepeat = 16, kZeros = 17, kManyZeros = 18;
struct Run {
  uint8_t symbol;
  uint8_t count;  // of lengths that it stands for
  bool operator==(const Run&) const = default;
};
constexpr Range run_range(uint8_t symbol) {
  return symbol == kRepeat      ? Range{3, 2}
         : symbol == kZeros     ? Range{3, 3}
         : symbol == kManyZeros ? Range{11, 7}
                                : Range{1, 0};
}
constexpr std::array<uint8_t, kRunSymbols> kRunOrder = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                        11, 4,  12, 3, 13, 2, 14, 1, 15};

}  // namespace nzip::deflate
