// Predictions that are made outside of the core, as on GPUs: engines on several threads ask for those of their blocks,
// and whoever evaluates the network on a device answers all that wait for it at once. The states of a block's lanes
// stay with the device; when it is lost they are, too, and the engine goes on without it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "experts/network/evaluator.hpp"

namespace nzip {

class Exchange {
 public:
  static constexpr int32_t kAbsent = -1;  // in a position's first row: nothing is predicted there, and no state changes

  struct Block {
    uint64_t number;  // never one again
    size_t device;
  };

  // What a block needs next, lane by lane the same number of positions.
  struct Request {
    uint64_t block;
    uint32_t lanes, steps;
    std::span<int32_t> rows;  // one of each input table for each position
  };

  struct Batch {
    std::vector<Request> requests;  // of equal steps; none where blocks ended and nobody waits
    std::vector<uint64_t> ended;    // blocks whose states are no longer needed
  };

  explicit Exchange(size_t devices) : devices_(devices) {}

  // A block whose lanes are at their start, with the device that has the fewest of them, so that a faster one gets
  // more; none when all devices are lost.
  std::optional<Block> begin();
  void end(const Block& block);

  // Returns with the weights of all positions, lane by lane, of which those of absent ones mean nothing; or returns
  // false, the device being lost. Stopped, it waits for no more than a batch that was taken.
  bool ask(const Block& block, uint32_t lanes, uint32_t steps, std::span<int32_t> rows, std::span<ByteWeights> weights,
           const Stop& stop);

  // For the one who evaluates on a device. Waits; as many requests as have at most so many positions, or a single one.
  // None when the device is lost, or the exchange closed.
  std::optional<Batch> wait(size_t device, size_t positions);
  // Settles all requests of the last batch. The bytes are ByteWeights, step by step those of the lanes of all requests;
  // they have been copied, on the threads of those who asked, when this returns. Throws std::invalid_argument for
  // another number.
  void answer(size_t device, std::span<const uint8_t> weights);
  // The device answers nobody any more.
  void lose(size_t device);

  // As if all devices were lost, but a batch that was taken is answered. From any thread.
  void close();

 private:
  enum class Stage { kWaiting, kTaken, kAnswered, kLost };
  struct Entry {
    Request request;
    Stage stage = Stage::kWaiting;
    const uint8_t* answer = nullptr;  // of its first lane
    size_t step = 0;                  // bytes from one step's answer to the next one's
  };
  struct Device {
    std::vector<Entry*> waiting, taken;  // on the stacks of those who ask
    std::vector<uint64_t> ended;
    size_t blocks = 0;   // that have begun and not ended
    size_t copying = 0;  // answers that are not copied yet
    bool lost = false;
  };

  std::mutex mutex_;
  std::condition_variable asked_, settled_, copied_;
  std::vector<Device> devices_;
  uint64_t blocks_ = 0;
  bool closed_ = false;
};

}  // namespace nzip
