// A matrix of weights in the order in which products read them.
#pragma once

#include <cstdint>
#include <vector>

#include "base/memory.hpp"
#include "experts/llama/shape.hpp"
#include "experts/llama/tensor.hpp"

namespace nzip::llama {

// Weight (r, c) is (scale * level / (wide ? 16 : 1) + least) * 2^exponent[r]; levels are stored with 8 or 128 added.
//
// 16 rows lie together, and of these 32 columns: levels, then scale and least value of each row. Of the levels, four
// columns of the 16 rows lie together, a row's one behind another; where they have 4 bits, the low halves of 64 bytes
// are four columns, the high ones the next four.
class Matrix {
 public:
  // In the arena's memory, which must outlive it.
  Matrix(const Tensor& tensor, ZeroedArena& arena);

  uint32_t rows() const { return rows_; }
  uint32_t columns() const { return columns_; }
  uint32_t blocks() const { return columns_ / kBlock; }
  bool wide() const { return wide_; }
  uint32_t level_bytes() const { return wide_ ? 512 : 256; }
  uint32_t block_bytes() const { return level_bytes() + 64; }
  const uint8_t* row_block(uint32_t row) const { return data_ + uint64_t(row / kRows) * blocks() * block_bytes(); }
  uint64_t bytes() const { return uint64_t(exponents_.size()) / kRows * blocks() * block_bytes(); }
  const int16_t* exponents() const { return exponents_.data(); }  // of all rows, and of those up to a multiple of 16

  // A row in 2^-16, bounded by 32 bits.
  void row(uint32_t row, int32_t* to) const;

 private:
  void pack_row(const Tensor& tensor, uint32_t row);
  int level(const uint8_t* block, uint32_t row, uint32_t column) const;

  uint32_t rows_, columns_;
  bool wide_;
  uint8_t* data_;
  std::vector<int16_t> exponents_;
};

// v * 2^shift, halves rounded up, bounded by 32 bits.
int32_t scaled_by(int64_t v, int shift);

}  // namespace nzip::llama
