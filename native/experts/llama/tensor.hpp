// Tensors as GGUF files hold them, read as integers. See docs/format/llama.md.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace nzip::llama {

constexpr int kUnit = 44;  // values of weights are multiples of 2^-44

enum class TensorType : uint32_t {  // as ggml numbers them
  kF32 = 0,
  kF16 = 1,
  kQ4_0 = 2,
  kQ4_1 = 3,
  kQ5_0 = 6,
  kQ5_1 = 7,
  kQ8_0 = 8,
  kQ4_K = 12,
  kQ5_K = 13,
  kQ6_K = 14,
  kBF16 = 30,
};

struct Tensor {
  TensorType type;
  uint32_t rows, columns;
  std::span<const uint8_t> data;  // as many bytes as it takes, which check_tensor proves
};

// 32 weights of a row: weight i is scale * level[i] + least, in 2^-44.
struct WeightBlock {
  int8_t level[32];  // -8 to 7 where the type is narrow
  int64_t scale, least;
};

// Throws std::invalid_argument unless the type is known and the bytes are as many as it takes.
void check_tensor(const Tensor& tensor);

// Whether weights have levels of 4 bits.
bool is_narrow(TensorType type);

// Throws std::invalid_argument where a number is none, or too large.
WeightBlock read_block(const Tensor& tensor, uint32_t row, uint32_t block);

// The values of a row, in 2^-44.
std::vector<int64_t> read_row(const Tensor& tensor, uint32_t row);

}  // namespace nzip::llama
