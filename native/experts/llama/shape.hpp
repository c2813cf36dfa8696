// The sizes of a Llama model, and what bounds them.
#pragma once

#include <cstdint>

namespace nzip::llama {

constexpr uint32_t kBlock = 32;  // channels that share a power of two, and weights that share a scale
constexpr uint32_t kRows = 16;   // of a matrix that are multiplied together
constexpr uint32_t kMaxWidth = 1 << 14, kMaxHidden = 1 << 16, kMaxHeadSize = 256, kMaxLayers = 1 << 10;
constexpr uint32_t kMaxTokens = 1 << 18, kMaxWindow = 1 << 14;

struct Shape {
  uint32_t layers;
  uint32_t width;  // channels
  uint32_t heads, kv_heads;
  uint32_t head_size;
  uint32_t hidden;  // channels of the gated layer
  uint32_t tokens;

  uint32_t query_width() const { return heads * head_size; }
  uint32_t key_width() const { return kv_heads * head_size; }

  // Throws std::invalid_argument where the scheme cannot do it.
  void check() const;
};

}  // namespace nzip::llama
