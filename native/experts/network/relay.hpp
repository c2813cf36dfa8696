// The network of a known block on several threads. Batches of its positions go through the stages one after another, as
// on an assembly line, ahead of the coder: a stage takes the next batch while those behind it work on earlier ones. Who
// does what, and when, changes no bit, for each stage takes all batches in order.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "experts/network/evaluator.hpp"

namespace nzip {

class Relay {
 public:
  // Appends a batch's columns, whose predictions go to that many places from `out` on. Batches come in order, from one
  // thread at a time.
  using Fill = std::function<void(uint32_t batch, std::vector<NetworkColumn>& columns, ByteWeights* out)>;

  // So many batches of at most kBatchColumns positions. As many threads as `helpers` beside the one that calls next(),
  // or fewer where the system gives no more.
  Relay(std::shared_ptr<const NetworkEvaluator> evaluator, uint32_t helpers, uint32_t batches, Fill fill);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  // The most bytes that one takes, its threads' stacks left out.
  static constexpr uint64_t memory() { return kSlots * (sizeof(Slot) + kBatchColumns * sizeof(NetworkColumn)); }

  // The predictions of the next batch, until the next call. Works where that would mean waiting.
  const ByteWeights* next();

 private:
  static constexpr uint32_t kSlots = 8;  // batches under way

  struct Slot {
    std::vector<NetworkColumn> columns;
    ByteWeights weights[kBatchColumns];
    NetworkResiduals residuals;
  };
  struct Stage {
    uint32_t done = 0;  // batches
    bool busy = false;
  };

  void help();
  Stage* ready();
  void work(Stage& stage, std::unique_lock<std::mutex>& lock);

  const std::shared_ptr<const NetworkEvaluator> evaluator_;
  const uint32_t batches_;
  const Fill fill_;
  std::unique_ptr<Slot[]> slots_;  // batch i is in slot i % kSlots
  std::mutex mutex_;               // of what follows
  std::condition_variable changed_;
  std::vector<Stage> stages_;
  uint32_t taken_ = 0;  // batches that next() has given
  bool ended_ = false;
  std::vector<std::thread> helpers_;
};

}  // namespace nzip
