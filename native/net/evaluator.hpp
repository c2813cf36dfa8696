// Evaluates a network for many positions at once. The weights are read once for several of them, and since every column
// is computed by itself but for its lane's state, any division into batches gives the same bits: a decoder has one
// column for each lane, an encoder as many as it likes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "net/network.hpp"

namespace nzip {

// A position whose byte is to be predicted.
struct NetworkColumn {
  int32_t* cells;             // its lane's state: layers * channels values on a cache line's boundary, 0 at the start
  int32_t row[kInputTables];  // what InputFeatures::rows gives
};

// A position's prediction: byte i has probability value[i] / (sum of all). The sum is at most 2^30.
struct alignas(64) ByteWeights {
  uint32_t value[256];
};

// It has scratch memory, so each thread needs its own.
class NetworkEvaluator {
 public:
  virtual ~NetworkEvaluator() = default;
  // Columns of the same lane are in the order of their positions. out has as many elements as columns.
  virtual void evaluate(std::span<const NetworkColumn> columns, ByteWeights* out) = 0;
};

std::unique_ptr<NetworkEvaluator> make_evaluator(std::shared_ptr<const Network> network);

}  // namespace nzip
