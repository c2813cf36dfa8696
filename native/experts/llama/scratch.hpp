// What a batch of tokens brings from one stage to the next. Its memory is taken outside of the variants.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "experts/llama/rotary.hpp"
#include "experts/llama/shape.hpp"

namespace nzip::llama {

constexpr uint32_t kGroup = 4;  // heads with the same keys and values that attend together, at most

// What goes into products: channels in 8 bits with a power of two for each 32. Blocks of as many lie one behind
// another, of all positions each, so that what products read next lies together.
struct Activations {
  Activations(size_t positions, uint32_t channels);

  size_t at(size_t position, uint32_t block) const { return block * positions + position; }

  size_t positions;
  uint32_t blocks;
  int finest;                              // bits that are cut off the products of the largest block, so that sums fit
  std::vector<int8_t> values;              // by block, position and channel
  std::vector<int32_t> offsets, highs;     // by block and position: the sum of its values times -8 and 2^16
  std::vector<int32_t> exponents, shifts;  // of its unit; bits that are cut off its products
  std::vector<int32_t> units;              // by position: of sums of products is 2^this times a row's
};

// Of what a head sees, for one thread.
struct Shares {
  explicit Shares(size_t slots);

  std::vector<int32_t> scores;     // by head of a group and slot
  std::vector<uint8_t> high, low;  // bytes of each one's share
};

struct Scratch {
  // columns: each sees at most so many blocks of 16 slots.
  Scratch(const Shape& shape, size_t columns, size_t blocks, uint32_t workers);
  ~Scratch();

  std::vector<int32_t> residuals;  // by column and channel, in 2^-16
  std::vector<int32_t> products;
  Activations in, heads, hidden;
  std::vector<Turn> turns;
  std::vector<Shares> shares;  // by worker
};

// 1 / (1 + 2^-x) in 2^-16, for x = i / 64, i from 0 to 1,024.
const int32_t* sigmoids();

}  // namespace nzip::llama
