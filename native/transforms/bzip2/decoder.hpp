// Reads bzip2 streams, those of any encoder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "transforms/bzip2/bits.hpp"

namespace nzip::bzip2 {

struct Header {
  bool is_block;      // or the stream's end
  uint32_t checksum;  // of the block, or of the stream
};

// What stands before a block, or at the end. Throws std::invalid_argument where it is neither.
Header read_header(BitReader& bits);

// Adds a block to the content and returns which rotation it names as the first one. Throws std::invalid_argument where
// there is none of at most `most_bytes` bytes, or the content would have more than `most_content`.
uint32_t read_block(BitReader& bits, size_t most_bytes, std::vector<uint8_t>& content, size_t most_content);

}  // namespace nzip::bzip2
