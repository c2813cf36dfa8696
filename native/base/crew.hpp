// Threads that share the pieces of a job. Jobs may come by ten thousands a second, so who has nothing to do looks for
// the next one a while before it sleeps.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace nzip {

class Crew {
 public:
  // As many threads as `helpers` beside the one that calls run(), or fewer where the system gives no more.
  explicit Crew(uint32_t helpers);
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  uint32_t workers() const { return uint32_t(helpers_.size()) + 1; }

  // Calls work(piece, worker) for each piece below `count`, on whichever thread is free. A worker, a number below
  // workers(), does one piece at a time. work throws nothing. From one thread at a time.
  template <class Work>
  void run(uint32_t count, const Work& work) {
    if (helpers_.empty() || count < 2) {
      for (uint32_t piece = 0; piece < count; ++piece) work(piece, 0);
      return;
    }
    const auto call = [](const void* work, uint32_t piece, uint32_t worker) {
      (*static_cast<const Work*>(work))(piece, worker);
    };
    share(count, call, &work);
  }

 private:
  using Call = void (*)(const void* work, uint32_t piece, uint32_t worker);

  void share(uint32_t count, Call call, const void* work);
  void help(uint32_t worker);
  void take_piece(uint64_t& state, uint32_t worker);

  Call call_ = nullptr;
  const void* work_ = nullptr;
  std::atomic<uint64_t> state_ = 0;  // how many pieces there are, and in the low half which is next
  std::atomic<uint32_t> done_ = 0;   // pieces
  const int process_;                // that the threads are in
  std::vector<std::thread> helpers_;
};

}  // namespace nzip
