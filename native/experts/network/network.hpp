// A trained byte network: its weights, checked and packed once for the evaluators. It never changes, so any number of
// threads may share it. docs/model.md specifies the tensors and what is computed from them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/memory.hpp"
#include "experts/network/layout.hpp"

namespace nzip {

constexpr int kChannelStep = 32, kMaxChannels = 512, kMaxNetworkLayers = 8;
constexpr int kMaxMultiplier = 4095, kMaxScaleShift = 25;  // bounds of sums: docs/model.md

constexpr int kRowBlock = 32;                             // rows that lie together in a packed matrix
constexpr int kInputGroup = 8;                            // inputs for which they lie together
constexpr int kGroupBytes = kRowBlock * kInputGroup / 2;  // what a row block has for an input group

// 4-bit weights n, which stand for n - 8. A block of 32 rows holds for every 8 inputs 4 bytes of each row; byte j of
// the four has input j in its low half and input 4 + j in its high half.
struct Matrix {
  const uint8_t* weights;
  const int16_t* multiplier;  // one for every row
  int rows;                   // a multiple of 32
  int shift;
};

struct NetworkLayer {
  Matrix gates;              // w1; layer 0 has tables instead
  const int16_t* gate_bias;  // b
  Matrix cell;               // w2
};

// A TableShape with its values; two of 4 bits share a byte, the even channel's in its low half.
struct InputTable {
  const uint8_t* values;
  uint32_t row_bytes;
  int width, first;
  bool named;
};

class Network {
 public:
  // Reads the tensors of a model file. Throws std::invalid_argument when they are not those of such a network.
  Network(std::span<const uint8_t> tensors, Architecture architecture, int channels, int layers);

  static uint64_t tensor_bytes(Architecture architecture, int channels, int layers);

  int input_tables() const { return int(gate_tables.size() + residual_tables.size()); }

  Architecture architecture;
  int channels;
  int layers;
  uint32_t norm_scale;  // 2^20 times the square root of the channels
  std::vector<InputTable> gate_tables, residual_tables;
  NetworkLayer layer[kMaxNetworkLayers];
  Matrix output;
  const int16_t* output_bias;

 private:
  ZeroedPages memory_;
};

}  // namespace nzip
