#include "experts/llama/matrix.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace nzip::llama {
namespace {

constexpr int kScaleBits = 15;
constexpr int64_t kMostScale = (1 << kScaleBits) - 1;
constexpr int kWide = 16;

// Of a type whose levels are not narrow: with five bits they are eight times as large, so that no bit of a scaled
// product is lost.
int steps(TensorType type) {
  const bool five = type == TensorType::kQ5_0 || type == TensorType::kQ5_1 || type == TensorType::kQ5_K;
  return five ? 8 : 1;
}

}  // namespace

int32_t scaled_by(int64_t v, int shift) {
  if (shift < -62) return 0;
  if (shift < 0) v = (v + (int64_t(1) << (-shift - 1))) >> -shift;
  const int64_t most = std::numeric_limits<int32_t>::max();
  const int64_t bound = shift > 0 ? most >> std::min(shift, 31) : most;
  return int32_t(std::clamp(v, -bound, bound) << std::clamp(shift, 0, 31));
}

Matrix::Matrix(const Tensor& tensor, ZeroedArena& arena)
    : rows_(tensor.rows), columns_(tensor.columns), wide_(!is_narrow(tensor.type)) {
  check_tensor(tensor);
  if (columns_ % kBlock) throw std::invalid_argument("a matrix has columns of no multiple of 32");
  const uint32_t padded = (rows_ + kRows - 1) / kRows * kRows;
  exponents_.resize(padded);
  data_ = arena.take(bytes());
  for (uint32_t r = 0; r < rows_; ++r) pack_row(tensor, r);
}

void Matrix::pack_row(const Tensor& tensor, uint32_t row) {
  const int step = wide_ ? steps(tensor.type) : 1, finer = wide_ ? kWide / step : 1;
  std::vector<WeightBlock> list(blocks());
  int64_t top = 0;
  for (uint32_t b = 0; b < blocks(); ++b) {
    list[b] = read_block(tensor, row, b);
    list[b].scale *= finer;
    top = std::max({top, std::abs(list[b].scale), std::abs(list[b].least)});
  }
  const int shift = std::max(0, int(std::bit_width(uint64_t(top))) - kScaleBits);
  exponents_[row] = int16_t(shift - kUnit);
  const auto rounded = [&](int64_t v) {
    return int16_t(std::min((v + (int64_t(1) << shift >> 1)) >> shift, kMostScale));
  };
  uint8_t* block = data_ + uint64_t(row / kRows) * blocks() * block_bytes();
  const uint32_t r = row % kRows;
  for (const WeightBlock& from : list) {
    for (uint32_t c = 0; c < kBlock; ++c) {
      if (wide_)
        block[c / 4 * 64 + r * 4 + c % 4] = uint8_t(from.level[c] * step + 128);
      else
        block[c / 8 * 64 + r * 4 + c % 4] |= uint8_t((from.level[c] + 8) << c / 4 % 2 * 4);
    }
    const int16_t pair[] = {rounded(from.scale), rounded(from.least)};
    std::memcpy(block + level_bytes() + r * 4, pair, sizeof pair);
    block += block_bytes();
  }
}

int Matrix::level(const uint8_t* block, uint32_t row, uint32_t column) const {
  if (wide_) return block[column / 4 * 64 + row * 4 + column % 4] - 128;
  return (block[column / 8 * 64 + row * 4 + column % 4] >> column / 4 % 2 * 4 & 15) - 8;
}

void Matrix::row(uint32_t row, int32_t* to) const {
  const uint8_t* block = row_block(row);
  const uint32_t r = row % kRows;
  for (uint32_t b = 0; b < blocks(); ++b, block += block_bytes()) {
    int16_t pair[2];
    std::memcpy(pair, block + level_bytes() + r * 4, sizeof pair);
    for (uint32_t c = 0; c < kBlock; ++c) {
      const int64_t v = int64_t(pair[0]) * level(block, r, c) + int64_t(pair[1]) * (wide_ ? kWide : 1);
      *to++ = scaled_by(v, exponents_[row] - (wide_ ? 4 : 0) + 16);
    }
  }
}

}  // namespace nzip::llama
