#include "detect/packed.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "base/hash.hpp"

namespace nzip {
namespace {

constexpr size_t kWindow = size_t(1) << 16;
constexpr size_t kLags = 4;       // numbers have bytes close to those of their neighbours
constexpr size_t kRepeats = 512;  // strings of four bytes in a window; archives of small files have more, in names
constexpr int kSampleLog2 = 6;    // one in so many positions is looked for in all windows
constexpr size_t kCopies = 4;     // of these, found twice

uint64_t read8(const uint8_t* p) {
  uint64_t v = 0;
  for (int i = 0; i < 8; ++i) v |= uint64_t(p[i]) << 8 * i;
  return v;
}

// Bytes, for a lag of 0, or the differences of bytes so far apart, are all about as frequent, within what costs 1/4 %
// of the bits: the sum of p^2 is at most 37/36 of the least.
bool flat(std::span<const uint8_t> window, size_t lag) {
  std::array<uint32_t, 256> counts{};
  for (size_t i = lag; i < window.size(); ++i) ++counts[uint8_t(window[i] - (lag ? window[i - lag] : 0))];
  uint64_t squares = 0;
  for (uint64_t n : counts) squares += n * n;
  const uint64_t size = window.size() - lag;
  return squares * 256 * 36 <= size * size * 37;
}

bool few_repeats(std::span<const uint8_t> window) {
  constexpr int kLog2 = 16;
  std::vector<uint32_t> last(size_t(1) << kLog2);  // by a hash of four bytes: these
  size_t repeats = 0;
  uint32_t four = 0;
  for (uint8_t c : window) {
    four = four << 8 | c;
    uint32_t& before = last[four * 0x9E3779B1u >> (32 - kLog2)];
    repeats += before == four;
    before = four;
  }
  return repeats * kWindow <= kRepeats * window.size();
}

bool looks_packed(std::span<const uint8_t> window) {
  for (size_t lag = 0; lag <= kLags; ++lag)
    if (!flat(window, lag)) return false;
  return few_repeats(window);
}

// Windows are those of a block, whole, but for the last, which takes what is left.
size_t window_count(size_t size) { return size / kWindow; }
std::span<const uint8_t> window_of(std::span<const uint8_t> plain, size_t i) {
  return i + 1 == window_count(plain.size()) ? plain.subspan(i * kWindow) : plain.subspan(i * kWindow, kWindow);
}

// Clears the marks of windows that hold copies of one another's strings, wherever in the block these are.
void unmark_copies(std::span<const uint8_t> plain, std::vector<bool>& marked, const Stop& stop) {
  struct Place {
    uint32_t print = 0, window = 0;  // of the string: more bits of its hash, and where it was seen; 0: nowhere
  };
  std::vector<Place> places(std::bit_ceil(plain.size() >> (kSampleLog2 - 2)));
  const int shift = 64 - std::countr_zero(places.size());
  std::vector<uint32_t> copies(marked.size());
  for (size_t w = 0; w < marked.size(); ++w) {
    stop.check();
    if (!marked[w]) continue;
    const auto window = window_of(plain, w);
    for (size_t i = 0; i + 8 <= window.size(); ++i) {
      const uint64_t hash = mix(400, read8(window.data() + i));
      if ((hash & ((1u << kSampleLog2) - 1)) != 0) continue;
      Place& place = places[hash >> shift];
      const uint32_t print = uint32_t(hash >> kSampleLog2) | 1;
      if (place.print == print) ++copies[w], ++copies[place.window];
      place = {print, uint32_t(w)};
    }
  }
  for (size_t w = 0; w < marked.size(); ++w)
    if (copies[w] >= kCopies) marked[w] = false;
}

}  // namespace

std::vector<Found> find_packed(std::span<const uint8_t> plain, const Stop& stop) {
  std::vector<bool> marked(window_count(plain.size()));
  for (size_t w = 0; w < marked.size(); ++w) {
    stop.check();
    marked[w] = looks_packed(window_of(plain, w));
  }
  std::vector<Found> ranges;
  if (std::ranges::find(marked, true) == marked.end()) return ranges;
  unmark_copies(plain, marked, stop);
  for (size_t w = 0; w < marked.size(); ++w)
    if (marked[w]) ranges.push_back({w * kWindow, w * kWindow + window_of(plain, w).size(), kPacked, 0});
  return ranges;
}

}  // namespace nzip
