// Which bytes followed last in the contexts of a kind, and how surely.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace nzip {

// What is known of a context: the byte that is expected first, the one that is expected next, and their counts, at
// most 15. A count of 0: there is none.
struct Follower {
  uint8_t first = 0, second = 0, count = 0, second_count = 0;

  void take(uint8_t c) {
    if (count && c == first) {
      if (count < kMost) ++count;
    } else if (second_count && c == second) {
      if (second_count < kMost) ++second_count;
      count = uint8_t(count - count / 4);
      if (second_count >= count) {
        std::swap(first, second);
        std::swap(count, second_count);
      }
    } else if (count < 2) {  // what came last is as likely
      second = first;
      second_count = count;
      first = c;
      count = 1;
    } else {
      second = c;
      second_count = 1;
      count = uint8_t(count - count / 4);
    }
  }

  static constexpr uint8_t kMost = 15;
};

// A table of followers. A bucket has four contexts, told apart by 8 bits, in the order of their last use.
class Followers {
 public:
  explicit Followers(int log2) : shift_(64 - (log2 - 2)), slots_(size_t(1) << log2) {}

  static constexpr uint64_t memory(int log2) { return sizeof(Slot) << log2; }

  // Of the context with this hash.
  Follower find(uint64_t hash) const {
    const Slot* bucket = slots_.data() + first(hash);
    for (int k = 0; k < kWays; ++k)
      if (bucket[k].check == check(hash) && bucket[k].counts) return bucket[k].follower();
    return {};
  }

  // c follows this context.
  void take(uint64_t hash, uint8_t c) {
    Slot* bucket = slots_.data() + first(hash);
    int k = 0;
    while (k < kWays - 1 && !(bucket[k].check == check(hash) && bucket[k].counts)) ++k;
    Slot slot = bucket[k];
    if (slot.check != check(hash)) slot = Slot{check(hash), 0, 0, 0};
    Follower follower = slot.follower();
    follower.take(c);
    for (; k > 0; --k) bucket[k] = bucket[k - 1];
    bucket[0] = Slot{slot.check, uint8_t(follower.count << 4 | follower.second_count), follower.first, follower.second};
  }

 private:
  struct Slot {
    uint8_t check = 0, counts = 0, first = 0, second = 0;
    Follower follower() const { return {first, second, uint8_t(counts >> 4), uint8_t(counts & 15)}; }
  };
  static constexpr int kWays = 4;

  size_t first(uint64_t hash) const { return size_t(hash >> shift_) * kWays; }
  static uint8_t check(uint64_t hash) { return uint8_t(hash >> 24); }

  int shift_;
  std::vector<Slot> slots_;
};

}  // namespace nzip
