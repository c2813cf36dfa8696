// The Huffman codes that bzip2 chooses for a block.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "transforms/bzip2/block.hpp"

namespace nzip::bzip2 {

using Lengths = std::array<uint8_t, kMostSymbols>;  // of the code of each symbol

struct Codes {
  std::vector<Lengths> lengths;     // of each code
  std::vector<uint8_t> selections;  // of each group of symbols, its code
};

// Symbols are below `count`, which is at least 3.
Codes choose_codes(std::span<const uint16_t> symbols, size_t count);

}  // namespace nzip::bzip2
