// Asks work to end before it is done.
#pragma once

#include <atomic>
#include <exception>

namespace nzip {

struct Stopped : std::exception {
  const char* what() const noexcept override { return "stopped before it was done"; }
};

// Stops all work, when the process ends.
inline std::atomic<bool> stopping = false;

// Set by any thread; the one that works looks at it every few thousand bytes at most, and throws.
class Stop {
 public:
  void set() { set_.store(true, std::memory_order_relaxed); }
  bool is_set() const { return set_.load(std::memory_order_relaxed) || stopping.load(std::memory_order_relaxed); }
  void check() const {
    if (is_set()) throw Stopped();
  }

 private:
  std::atomic<bool> set_ = false;
};

}  // namespace nzip
