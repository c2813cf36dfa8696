#include "experts/llama/tensor.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace nzip::llama {
namespace {

struct Layout {
  TensorType type;
  uint32_t values, bytes;  // of what is stored together
};

constexpr Layout kLayouts[] = {
    {TensorType::kF32, 1, 4},      {TensorType::kF16, 1, 2},      {TensorType::kQ4_0, 32, 18},
    {TensorType::kQ4_1, 32, 20},   {TensorType::kQ5_0, 32, 22},   {TensorType::kQ5_1, 32, 24},
    {TensorType::kQ8_0, 32, 34},   {TensorType::kQ4_K, 256, 144}, {TensorType::kQ5_K, 256, 176},
    {TensorType::kQ6_K, 256, 210}, {TensorType::kBF16, 1, 2},
};

const Layout& layout_of(TensorType type) {
  for (const Layout& layout : kLayouts)
    if (layout.type == type) return layout;
  throw std::invalid_argument("tensors of type " + std::to_string(uint32_t(type)) + " are not known");
}

uint32_t word(const uint8_t* p) { return p[0] | p[1] << 8; }
uint32_t word32(const uint8_t* p) { return word(p) | word(p + 2) << 16; }

// mantissa * 2^exponent in 2^-44, halves rounded up; below 2^14.
int64_t value(int64_t mantissa, int exponent) {
  const int shift = exponent + kUnit;
  if (mantissa == 0 || shift < -40) return 0;
  if (int(std::bit_width(uint64_t(std::abs(mantissa)))) + exponent > 14)
    throw std::invalid_argument("a weight is too large");
  return shift >= 0 ? mantissa << shift : (mantissa + (int64_t(1) << (-shift - 1))) >> -shift;
}

int64_t binary(uint32_t bits, int exponent_bits, int mantissa_bits) {
  const uint32_t most = (1u << exponent_bits) - 1, e = (bits >> mantissa_bits) & most;
  if (e == most) throw std::invalid_argument("a weight is no number");
  int64_t m = bits & ((1u << mantissa_bits) - 1);
  if (e) m |= int64_t(1) << mantissa_bits;
  if (bits >> (exponent_bits + mantissa_bits) & 1) m = -m;
  return value(m, int(std::max(e, 1u)) - int(most / 2) - mantissa_bits);
}

// The scale or least value of a block; bounded so that no product of it leaves 64 bits.
int64_t half(const uint8_t* p) {
  const int64_t v = binary(word(p), 5, 10);
  if (std::abs(v) >> (kUnit + 6)) throw std::invalid_argument("a scale is too large");
  return v;
}

// A 4-bit level of ggml's small blocks, whose halves are the nibbles of 16 bytes.
int nibble(const uint8_t* p, int i) { return p[i & 15] >> (i >> 4) * 4 & 15; }

// The 6-bit scale and least value of a part of a superblock.
void scales(const uint8_t* p, int part, int64_t& scale, int64_t& least) {
  if (part < 4) {
    scale = p[part] & 63;
    least = p[part + 4] & 63;
  } else {
    scale = (p[part + 4] & 15) | (p[part - 4] >> 6) << 4;
    least = p[part + 4] >> 4 | (p[part] >> 6) << 4;
  }
}

// 32 values as levels of 8 bits.
WeightBlock levels_of(const int64_t* values) {
  WeightBlock block{};
  int64_t top = 0;
  for (int i = 0; i < 32; ++i) top = std::max(top, std::abs(values[i]));
  if (top == 0) return block;
  const int shift = std::max(0, int(std::bit_width(uint64_t(top))) - 54);
  const int64_t most = top >> shift;
  for (int i = 0; i < 32; ++i) {
    const int64_t level = (254 * (std::abs(values[i]) >> shift) + most) / (2 * most);
    block.level[i] = int8_t(values[i] < 0 ? -level : level);
  }
  block.scale = top / 127;
  return block;
}

}  // namespace

void check_tensor(const Tensor& tensor) {
  const Layout& layout = layout_of(tensor.type);
  if (tensor.columns % layout.values || tensor.columns == 0 ||
      tensor.data.size() != uint64_t(tensor.columns / layout.values) * layout.bytes * tensor.rows)
    throw std::invalid_argument("a tensor has not the bytes that it takes");
}

bool is_narrow(TensorType type) {
  return type == TensorType::kQ4_0 || type == TensorType::kQ4_1 || type == TensorType::kQ4_K;
}

WeightBlock read_block(const Tensor& tensor, uint32_t row, uint32_t block) {
  const Layout& layout = layout_of(tensor.type);
  const uint64_t first = uint64_t(row) * tensor.columns + block * 32;
  const uint8_t* p = tensor.data.data() + first / layout.values * layout.bytes;
  const int part = int(block % 8);  // of a superblock
  WeightBlock result{};
  int64_t values[32];
  switch (tensor.type) {
    case TensorType::kQ4_0:
    case TensorType::kQ4_1: {
      const bool has_least = tensor.type == TensorType::kQ4_1;
      for (int i = 0; i < 32; ++i) result.level[i] = int8_t(nibble(p + (has_least ? 4 : 2), i) - 8);
      result.scale = half(p);
      if (has_least) result.least = half(p + 2) + 8 * result.scale;
      return result;
    }
    case TensorType::kQ5_0:
    case TensorType::kQ5_1: {
      const bool has_least = tensor.type == TensorType::kQ5_1;
      const uint8_t* high = p + (has_least ? 4 : 2);
      const uint32_t fifth = word32(high);
      for (int i = 0; i < 32; ++i) result.level[i] = int8_t((nibble(high + 4, i) | (fifth >> i & 1) << 4) - 16);
      result.scale = half(p);
      if (has_least) result.least = half(p + 2) + 16 * result.scale;
      return result;
    }
    case TensorType::kQ8_0:
      result.scale = half(p);
      for (int i = 0; i < 32; ++i) result.level[i] = int8_t(p[2 + i]);
      return result;
    case TensorType::kQ4_K:
    case TensorType::kQ5_K: {
      const bool fifth = tensor.type == TensorType::kQ5_K;
      const int middle = fifth ? 16 : 8;
      const uint8_t* low = p + (fifth ? 48 : 16) + part / 2 * 32;
      for (int i = 0; i < 32; ++i) {
        int level = low[i] >> (part & 1) * 4 & 15;
        if (fifth) level |= (p[16 + i] >> part & 1) << 4;
        result.level[i] = int8_t(level - middle);
      }
      int64_t scale, least;
      scales(p + 4, part, scale, least);
      result.scale = half(p) * scale;
      result.least = middle * result.scale - half(p + 2) * least;
      return result;
    }
    case TensorType::kQ6_K: {
      const int64_t scale = half(p + 208);
      const int in_half = part % 4;
      const uint8_t *low = p + part / 4 * 64 + (in_half & 1) * 32, *high = p + 128 + part / 4 * 32;
      for (int i = 0; i < 32; ++i) {
        const int level = (low[i] >> (in_half >> 1) * 4 & 15) | (high[i] >> in_half * 2 & 3) << 4;
        values[i] = scale * int8_t(p[192 + part * 2 + i / 16]) * (level - 32);
      }
      return levels_of(values);
    }
    default:
      for (int i = 0; i < 32; ++i, p += layout.bytes)
        values[i] = tensor.type == TensorType::kF16    ? binary(word(p), 5, 10)
                    : tensor.type == TensorType::kBF16 ? binary(word(p), 8, 7)
                                                       : binary(word32(p), 8, 23);
      return levels_of(values);
  }
}

std::vector<int64_t> read_row(const Tensor& tensor, uint32_t row) {
  std::vector<int64_t> values(tensor.columns);
  if (tensor.type == TensorType::kF32) {
    const uint8_t* p = tensor.data.data() + uint64_t(row) * tensor.columns * 4;
    for (int64_t& v : values) {
      v = binary(word32(p), 8, 23);
      p += 4;
    }
    return values;
  }
  for (uint32_t b = 0; b < tensor.columns / 32; ++b) {
    const WeightBlock block = read_block(tensor, row, b);
    for (uint32_t i = 0; i < 32; ++i) values[b * 32 + i] = block.scale * block.level[i] + block.least;
  }
  return values;
}

}  // namespace nzip::llama
