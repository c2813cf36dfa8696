#include "detect/repeats.hpp"

#include <algorithm>
#include <cstring>

namespace nzip {
namespace {

constexpr size_t kLongestPeriod = 64;
constexpr size_t kWindow = 3 * kLongestPeriod;  // what has two periods in it has a common one
constexpr size_t kShortest = 4096;              // bytes that repeat, the first period included
constexpr size_t kStep = kShortest / 2;         // so that a window lies in each
constexpr size_t kAlignment = 64;  // words, samples and UTF-16 behind a repeat stay where they can be found

static_assert(kStep + kWindow <= kShortest);

// How many bytes are the same.
size_t common(const uint8_t* a, const uint8_t* b, size_t size, const Stop& stop) {
  size_t at = 0;
  for (size_t part; at < size; at += part) {
    stop.check();
    part = std::min(kShortest, size - at);
    if (std::memcmp(a + at, b + at, part) != 0) break;
  }
  while (at < size && a[at] == b[at]) ++at;
  return at;
}

// The shortest period of a window; 0 if that is none.
size_t period_of(const uint8_t* window) {
  for (size_t period = 1; period <= kLongestPeriod; ++period)
    if (std::memcmp(window, window + period, kWindow - period) == 0) return period;
  return 0;
}

}  // namespace

std::vector<Repeat> find_repeats(std::span<const uint8_t> plain, const Stop& stop) {
  std::vector<Repeat> repeats;
  const uint8_t* data = plain.data();
  const size_t size = plain.size();
  size_t end = 0;   // of the last repeat
  size_t free = 0;  // from where on a repetition may begin
  for (size_t at = 0; at + kWindow <= size;) {
    stop.check();
    const size_t period = period_of(data + at);
    if (period == 0) {
      at += kStep;
      continue;
    }
    const size_t last = at + period + common(data + at, data + at + period, size - at - period, stop);
    size_t start = at;
    while (start > free && data[start - 1] == data[start - 1 + period]) --start;
    if (last - start < kShortest) {
      at += kStep;
      continue;
    }
    const size_t from = start + period;
    const size_t taken = last == size ? last - from : (last - from) / kAlignment * kAlignment;
    repeats.push_back({from - end, taken, period});
    end = from + taken;
    at = free = last;
  }
  return repeats;
}

size_t find_period(std::span<const uint8_t> plain) {
  const size_t period = plain.size() < kWindow ? 0 : period_of(plain.data());
  return period && std::memcmp(plain.data(), plain.data() + period, plain.size() - period) == 0 ? period : 0;
}

size_t count_repeated(std::span<const uint8_t> unit, std::span<const uint8_t> more) {
  static const Stop never;
  const size_t period = unit.size();
  const size_t first = std::min(period, more.size());
  const size_t count = common(unit.data(), more.data(), first, never);
  return count < period ? count : period + common(more.data(), more.data() + period, more.size() - period, never);
}

}  // namespace nzip
