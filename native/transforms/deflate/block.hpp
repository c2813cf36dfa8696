// A block of a deflate stream, with all that its header says.
#pragma once

#include <cstdint>
#include <vector>

#include "transforms/deflate/symbols.hpp"

namespace nzip::deflate {

// Of a block with codes of its own. Lengths are those of literals and then those of distances.
struct Codes {
  size_t literals = 0, distances = 0;  // how many of each have a length in the header
  std::array<uint8_t, kLiteralSymbols + kDistanceSymbols> lengths{};
  std::vector<Run> runs;  // as which the lengths are written
  size_t run_codes = 0;   // how many of the next have three bits in the header
  std::array<uint8_t, kRunSymbols> run_lengths{};

  size_t count() const { return literals + distances; }
  bool operator==(const Codes&) const = default;
};

constexpr size_t kMostTokens = size_t(1) << 24;  // of a block, and of all that are opened at a time

struct Block {
  enum Kind : uint8_t { kStored = 0, kFixed = 1, kDynamic = 2 };

  Kind kind = kFixed;
  bool final = false;
  uint8_t padding = 0;        // stored: the bits between the header and the next byte, lowest first
  uint32_t stored = 0;        // bytes of a stored block
  std::vector<Token> tokens;  // of the others
  Codes codes;                // of a dynamic one
};

}  // namespace nzip::deflate
