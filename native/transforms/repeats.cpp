#include "transforms/repeats.hpp"

#include <algorithm>
#include <cstring>

namespace nzip {
namespace {

constexpr size_t kChunk = 1 << 16;  // what is copied at once, from the cache

// Repeats a unit that stands before `to`, from what is a whole number of units before.
void repeat(uint8_t* to, size_t size, size_t period, const Stop& stop) {
  size_t distance = period;
  for (size_t done = 0; done < size;) {
    stop.check();
    const size_t count = std::min({distance, kChunk, size - done});
    std::memcpy(to + done, to + done - distance, count);
    done += count;
    if (distance < kChunk && 2 * distance <= period + done) distance *= 2;
  }
}

}  // namespace

bool restore_repeats(std::span<const uint8_t> rest, std::span<const Repeat> repeats, std::span<uint8_t> plain,
                     const Stop& stop) {
  size_t done = 0, used = 0;
  const auto copy = [&](size_t size) {
    for (const size_t end = done + size; done < end;) {
      stop.check();
      const size_t count = std::min(kChunk, end - done);
      std::memcpy(plain.data() + done, rest.data() + used, count);
      done += count;
      used += count;
    }
  };
  for (const auto& [gap, size, period] : repeats) {
    if (gap > rest.size() - used || gap > plain.size() - done) return false;
    copy(gap);
    if (period < 1 || period > done || size < 1 || size > plain.size() - done) return false;
    repeat(plain.data() + done, size, period, stop);
    done += size;
  }
  if (rest.size() - used != plain.size() - done) return false;
  copy(rest.size() - used);
  return true;
}

}  // namespace nzip
