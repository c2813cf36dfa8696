#include "base/crew.hpp"

#include <unistd.h>

#include <system_error>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace nzip {
namespace {

constexpr uint64_t kEnded = ~uint64_t(0);
constexpr int kQuickLooks = 64, kLooks = 512;  // some 2 and 100 microseconds

bool has_piece(uint64_t state) { return uint32_t(state) < uint32_t(state >> 32); }

// Between looks: soon gives the core to others who can use it.
void wait_a_little(int looks) {
  if (looks > kQuickLooks) return std::this_thread::yield();
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

Crew::Crew(uint32_t helpers) : process_(getpid()) {
  helpers_.reserve(helpers);
  try {
    while (helpers_.size() < helpers) helpers_.emplace_back([this, worker = workers()] { help(worker); });
  } catch (const std::system_error&) {  // those that there are do
  }
}

Crew::~Crew() {
  const bool forked = getpid() != process_;  // then the threads are not here
  if (!forked) {
    state_.store(kEnded, std::memory_order_release);
    state_.notify_all();
  }
  for (std::thread& helper : helpers_) forked ? helper.detach() : helper.join();
}

void Crew::share(uint32_t count, Call call, const void* work) {
  call_ = call;
  work_ = work;
  done_.store(0, std::memory_order_relaxed);
  uint64_t state = uint64_t(count) << 32;
  state_.store(state, std::memory_order_release);
  state_.notify_all();
  while (has_piece(state)) take_piece(state, 0);
  for (int looks = 0; done_.load(std::memory_order_acquire) != count; ++looks) wait_a_little(looks);
}

// Does a piece, unless the state is another one by now, which it tells. A state may come back, but then the piece that
// it offers is there, too.
void Crew::take_piece(uint64_t& state, uint32_t worker) {
  if (!state_.compare_exchange_weak(state, state + 1, std::memory_order_acq_rel)) return;
  call_(work_, uint32_t(state), worker);
  ++state;
  done_.fetch_add(1, std::memory_order_release);
}

void Crew::help(uint32_t worker) {
  for (int looks = 0;; ++looks) {
    uint64_t state = state_.load(std::memory_order_acquire);
    if (state == kEnded) return;
    if (has_piece(state)) {
      take_piece(state, worker);
      looks = 0;
    } else if (looks < kLooks) {
      wait_a_little(looks);
    } else {
      state_.wait(state, std::memory_order_acquire);
      looks = 0;
    }
  }
}

}  // namespace nzip
