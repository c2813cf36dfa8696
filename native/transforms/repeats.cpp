#include "transforms/repeats.hpp"

#include <algorithm>
#include <cstring>

namespace nzip {
namespace {

constexpr size_t kChunk = 1 << 16;  // what is copied at once, from the cache

// Repeats a unit that stands before `to`. Each copy ends with a whole one, so that the next may start from it.
void repeat(uint8_t* to, size_t size, size_t period) {
  const uint8_t* unit = to - period;
  size_t chunk = period;
  for (size_t done = 0; done < size;) {
    const size_t count = std::min(chunk, size - done);
    std::memcpy(to + done, unit, count);
    done += count;
    if (chunk < kChunk) chunk = done + period;
  }
}

}  // namespace

bool restore_repeats(std::span<const uint8_t> rest, std::span<const Repeat> repeats, std::span<uint8_t> plain) {
  size_t done = 0, used = 0;
  const auto copy = [&](size_t size) {
    if (size > 0) std::memcpy(plain.data() + done, rest.data() + used, size);
    done += size;
    used += size;
  };
  for (const auto& [gap, size, period] : repeats) {
    if (gap > rest.size() - used || gap > plain.size() - done) return false;
    copy(gap);
    if (period < 1 || period > done || size < 1 || size > plain.size() - done) return false;
    repeat(plain.data() + done, size, period);
    done += size;
  }
  if (rest.size() - used != plain.size() - done) return false;
  copy(rest.size() - used);
  return true;
}

}  // namespace nzip
