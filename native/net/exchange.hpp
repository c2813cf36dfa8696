// Predictions that are made outside of the core, as on a GPU: engines on several threads ask for those of their blocks,
// and whoever evaluates the network answers all that wait at once. The states of a block's lanes stay with him.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "net/evaluator.hpp"

namespace nzip {

// Thrown where a request will not be answered.
struct Refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Exchange {
 public:
  static constexpr int32_t kAbsent = -1;  // in a position's first row: nothing is predicted there, and no state changes

  // What a block needs next, lane by lane the same number of positions.
  struct Request {
    uint64_t block;
    uint32_t lanes, steps;
    std::span<int32_t> rows;  // kInputTables for each position
  };

  struct Batch {
    std::vector<Request> requests;  // of equal steps; none where blocks ended and nobody waits
    std::vector<uint64_t> ended;    // blocks whose states are no longer needed
  };

  // A block's number, never one again. Its lanes are at their start.
  uint64_t begin();
  void end(uint64_t block);

  // Returns with the weights of all positions, lane by lane, of which those of absent ones mean nothing. Throws
  // Refused.
  void ask(const Request& request, std::span<ByteWeights> weights);

  // For the one who evaluates. Waits; none when the exchange was closed.
  std::optional<Batch> wait();
  // Settles all requests of the last batch. The bytes are ByteWeights, step by step those of the lanes of all requests;
  // they have been copied, on the threads of those who asked, when this returns. Throws std::invalid_argument for
  // another number.
  void answer(std::span<const uint8_t> weights);
  void refuse(const std::string& reason);

  // Refuses what is not in a batch, now and from now on. From any thread.
  void close();

 private:
  enum class Stage { kWaiting, kTaken, kAnswered, kRefused };
  struct Entry {
    Request request;
    Stage stage = Stage::kWaiting;
    const uint8_t* answer = nullptr;  // of its first lane
    size_t step = 0;                  // bytes from one step's answer to the next one's
  };

  void settle(Stage stage);

  std::mutex mutex_;
  std::condition_variable asked_, settled_, copied_;
  std::vector<Entry*> waiting_, taken_;  // on the stacks of those who ask
  std::vector<uint64_t> ended_;
  size_t copying_ = 0;  // answers that are not copied yet
  uint64_t blocks_ = 0;
  std::string reason_;
  bool closed_ = false;
};

}  // namespace nzip
