// Evaluates a network for many positions at once. The weights are read once for several of them, and since every column
// is computed by itself but for its lane's state, any division into batches gives the same bits: a decoder has one
// column for each lane, an encoder as many as it likes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/stop.hpp"
#include "experts/network/network.hpp"

namespace nzip {

// A position's prediction: byte i has probability value[i] / (sum of all). The sum is at most 2^30.
struct alignas(64) ByteWeights {
  uint32_t value[256];
};

// A position whose byte is to be predicted.
struct NetworkColumn {
  int32_t* cells;  // its lane's state: layers * channels values on a cache line's boundary, 0 at the start
  int32_t row[kMaxInputTables];  // what BlockInputs::rows gives
  ByteWeights* out;              // where the prediction goes
};

constexpr size_t kBatchColumns = 64;  // that go through a layer together

// What the columns of a batch bring from one stage to the next.
struct alignas(64) NetworkResiduals {
  int32_t value[kBatchColumns][kMaxChannels];
};

// Any number of threads may share it. Columns of the same lane are in the order of their positions.
class NetworkEvaluator {
 public:
  virtual ~NetworkEvaluator() = default;

  void evaluate(std::span<const NetworkColumn> columns, NetworkResiduals& scratch, const Stop& stop) const;

  // The same in parts: a batch of at most kBatchColumns goes through one stage after another. Each stage has states of
  // its own, so it may take a batch while the one before it takes the next.
  virtual int stages() const = 0;
  virtual void pass(int stage, std::span<const NetworkColumn> batch, NetworkResiduals& residuals) const = 0;
};

std::unique_ptr<NetworkEvaluator> make_evaluator(std::shared_ptr<const Network> network);

}  // namespace nzip
