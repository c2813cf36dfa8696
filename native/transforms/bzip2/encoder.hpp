// Writes what bzip2 1.0.8 would write of a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "transforms/bzip2/bits.hpp"

namespace nzip::bzip2 {

class Encoder {
 public:
  // Begins a stream. `level`: 1 to 9.
  Encoder(std::vector<uint8_t>& out, int level);

  // Which of equal rotations, that stand from `first` on, the stream names as the block itself.
  using Choice = std::function<uint32_t(uint32_t first, uint32_t equal)>;

  // Writes a block of the first bytes of `content`, which must not be empty, and returns how many. Asks for a choice
  // where a block repeats itself.
  size_t write_block(std::span<const uint8_t> content, const Choice& choose);
  void end();

 private:
  void write_magic(const uint32_t (&magic)[2]);
  void write_bytes_used(std::span<const uint8_t> used);
  void write_symbols(std::span<const uint16_t> symbols, size_t count);

  BitWriter bits_;
  size_t most_;  // bytes of a block
  uint32_t checksum_ = 0;
};

}  // namespace nzip::bzip2
