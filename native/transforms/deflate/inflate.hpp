// Reads a deflate stream into what its encoder chose.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/stop.hpp"
#include "transforms/deflate/block.hpp"

namespace nzip::deflate {

struct Parsed {
  std::vector<uint8_t> content;
  std::vector<Block> blocks;
  size_t packed = 0;      // bytes that the blocks take, the last one perhaps in part
  uint8_t tail_bits = 0;  // bits of the last byte that belong to no block
  uint8_t tail = 0;       // their value
  bool valid = false;     // up to the final block, or to what ends before it does
};

// Reads up to the final block, or the last block that ends before the data and, with those before it, holds no more
// than max_content bytes and kMostTokens.
Parsed inflate(std::span<const uint8_t> packed, size_t max_content, const Stop& stop);

// Whether a stream may begin so: the first block's header is right, and the first tokens after it.
bool may_be_deflate(std::span<const uint8_t> packed);

}  // namespace nzip::deflate
