// Code lengths as zlib chooses them for the symbols of a block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "transforms/deflate/block.hpp"

namespace nzip::deflate {

// How often each symbol occurs in a block, its end included.
struct Counts {
  std::array<uint32_t, kLiteralSymbols> literals{};
  std::array<uint32_t, kDistanceSymbols> distances{};

  void add(Token token, uint8_t literal) {
    if (token.is_literal()) {
      ++literals[literal];
    } else {
      ++literals[length_symbol(token.length)];
      ++distances[distance_symbol(token.distance)];
    }
  }
};

// Fills all of `codes`.
void choose_codes(const Counts& counts, Codes& codes);
// From the lengths that are there, the runs; from these, what is behind them.
void choose_runs(Codes& codes);
void choose_run_lengths(Codes& codes);

// The smallest kind of block for so many bytes, which zlib would choose.
Block::Kind choose_kind(const Counts& counts, const Codes& codes, size_t bytes);

}  // namespace nzip::deflate
