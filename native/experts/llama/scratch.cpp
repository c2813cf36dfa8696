#include "experts/llama/scratch.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace nzip::llama {

Activations::Activations(size_t positions, uint32_t channels)
    : positions(positions),
      blocks(channels / kBlock),
      finest(int(std::bit_width(blocks - 1))),
      values(positions * channels),
      offsets(positions * blocks),
      highs(positions * blocks),
      exponents(positions * blocks),
      shifts(positions * blocks),
      units(positions) {}

Shares::Shares(size_t slots) : scores(kGroup * slots), high(kGroup * slots), low(kGroup * slots) {}

Scratch::Scratch(const Shape& shape, size_t columns, size_t blocks, uint32_t workers)
    : residuals(columns * shape.width),
      products(columns * std::max({shape.query_width() + 2 * shape.key_width(), 2 * shape.hidden, shape.width})),
      in(columns, shape.width),
      heads(columns, shape.query_width()),
      hidden(columns, shape.hidden),
      turns(columns * (shape.head_size / 2)),
      shares(workers, Shares(blocks * kRows)) {}

Scratch::~Scratch() = default;

const int32_t* sigmoids() {
  static const std::array<int32_t, 1025> kTable = [] {
    constexpr uint64_t kRoot = 4248701965;  // 2^(32 - 1/64)
    std::array<int32_t, 1025> table;
    uint64_t power = uint64_t(1) << 32;
    for (int32_t& entry : table) {
      entry = int32_t((uint64_t(1) << 48) / ((uint64_t(1) << 32) + power));
      power = power * kRoot >> 32;
    }
    return table;
  }();
  return kTable.data();
}

}  // namespace nzip::llama
