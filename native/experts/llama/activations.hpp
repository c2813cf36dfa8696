// What goes into products: channels in 8 bits with a power of two for each 32. In the variant of the translation unit
// that includes this file.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "experts/llama/model.hpp"
#include "experts/llama/scratch.hpp"
#include "experts/network/norm.hpp"

namespace nzip::llama::NZIP_ISA {

constexpr int32_t kNothing = -(1 << 20);  // the exponent of zeros

// Numbers as bytes, whose unit becomes 2^result of what it was: the largest has seven bits.
inline int quantize(const int64_t* from, uint32_t count, int8_t* to) {
  int64_t top = 0;
  for (uint32_t i = 0; i < count; ++i) top = std::max(top, from[i] < 0 ? -from[i] : from[i]);
  const int exponent = std::max(0, int(std::bit_width(uint64_t(top))) - 7);
  const int64_t half = int64_t(1) << exponent >> 1;
  for (uint32_t i = 0; i < count; ++i) to[i] = int8_t(std::min<int64_t>((from[i] + half) >> exponent, 127));
  return exponent;
}

// Takes 32 numbers in 2^exponent.
inline void put(Activations& to, size_t position, uint32_t block, const int64_t* from, int exponent) {
  const size_t at = to.at(position, block);
  int8_t* values = &to.values[at * kBlock];
  const int shift = quantize(from, kBlock, values);
  int32_t sum = 0, any = 0;
  for (uint32_t i = 0; i < kBlock; ++i) {
    sum += values[i];
    any |= values[i];
  }
  to.offsets[at] = -8 * sum;
  to.highs[at] = int32_t(uint32_t(sum) << 16);
  to.exponents[at] = any ? exponent + shift : kNothing;
}

// When all blocks of a position are there.
inline void finish(Activations& to, size_t position) {
  int32_t top = kNothing;
  for (uint32_t b = 0; b < to.blocks; ++b) top = std::max(top, to.exponents[to.at(position, b)]);
  to.units[position] = (top == kNothing ? 0 : top) + to.finest;
  for (uint32_t b = 0; b < to.blocks; ++b) {
    const size_t at = to.at(position, b);
    to.shifts[at] = std::min(to.finest + (top - to.exponents[at]), 31);
  }
}

// Channels in 2^-16 divided by their root mean square, times the norm's factors.
inline void put_norm(const int32_t* channels, const Norm& norm, uint64_t epsilon, Activations& to, size_t position) {
  const auto width = uint32_t(norm.value.size());
  uint32_t top = 0;
  for (uint32_t i = 0; i < width; ++i) top = std::max(top, uint32_t(channels[i] < 0 ? -channels[i] : channels[i]));
  const int cut = std::max(0, int(std::bit_width(top)) - 24);
  uint64_t squares = epsilon >> (2 * cut);
  for (uint32_t i = 0; i < width; ++i) {
    const int64_t v = channels[i] >> cut;
    squares += uint64_t(v * v);
  }
  squares = std::max<uint64_t>(squares, 1);
  const int e = std::countl_zero(squares) / 2;
  const uint64_t width_root = square_root(uint64_t(width) << 48);  // in 2^-24
  const uint64_t quotient = (width_root << 32) / square_root(squares << (2 * e));
  const int n = int(std::bit_width(quotient)) - 24;
  const auto factor = int64_t(quotient >> n);
  int64_t block[kBlock];
  for (uint32_t b = 0; b < width / kBlock; ++b) {
    for (uint32_t i = 0; i < kBlock; ++i) {
      const int64_t v = channels[b * kBlock + i] >> cut;
      block[i] = ((v * norm.value[b * kBlock + i]) >> 16) * factor;
    }
    put(to, position, b, block, norm.exponent + n + e - 40);
  }
  finish(to, position);
}

}  // namespace nzip::llama::NZIP_ISA
