#include "cm/detect_packed.hpp"

#include <array>
#include <bit>
#include <cstring>

#include "cm/hash.hpp"

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

// All values are about as frequent, within what costs 1/4 % of the bits: the sum of p^2 is at most 37/36 of the least.
bool flat(const std::array<uint32_t, 256>& counts, uint64_t size) {
  uint64_t squares = 0;
  for (uint64_t n : counts) squares += n * n;
  return squares * 256 * 36 <= size * size * 37;
}

bool flat_bytes(std::span<const uint8_t> window) {
  std::array<uint32_t, 256> counts{};
  for (uint8_t c : window) ++counts[c];
  return flat(counts, window.size());
}

bool flat_differences(std::span<const uint8_t> window) {
  for (size_t lag = 1; lag <= kLags; ++lag) {
    std::array<uint32_t, 256> counts{};
    for (size_t i = lag; i < window.size(); ++i) ++counts[uint8_t(window[i] - window[i - lag])];
    if (!flat(counts, window.size() - lag)) return false;
  }
  return true;
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

// Windows are those of a block, whole, but for the last, which takes what is left.
size_t window_count(size_t size) { return size / kWindow; }
std::span<const uint8_t> window_of(std::span<const uint8_t> plain, size_t i) {
  return i + 1 == window_count(plain.size()) ? plain.subspan(i * kWindow) : plain.subspan(i * kWindow, kWindow);
}

// Clears the marks of windows that hold copies of one another's strings, wherever in the block these are.
void unmark_copies(std::span<const uint8_t> plain, std::vector<bool>& marked) {
  struct Place {
    uint32_t print = 0, window = 0;  // of the string: more bits of its hash, and where it was seen; 0: nowhere
  };
  std::vector<Place> places(std::bit_ceil(plain.size() >> (kSampleLog2 - 2)));
  const int shift = 64 - std::countr_zero(places.size());
  std::vector<uint32_t> copies(marked.size());
  for (size_t w = 0; w < marked.size(); ++w) {
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

std::vector<PackedRange> find_packed(std::span<const uint8_t> plain) {
  std::vector<bool> marked(window_count(plain.size()));
  bool any = false;
  for (size_t w = 0; w < marked.size(); ++w) {
    const auto window = window_of(plain, w);
    marked[w] = flat_bytes(window) && flat_differences(window) && few_repeats(window);
    any = any || marked[w];
  }
  std::vector<PackedRange> ranges;
  if (!any) return ranges;
  unmark_copies(plain, marked);
  for (size_t w = 0; w < marked.size(); ++w) {
    if (!marked[w]) continue;
    const size_t begin = w * kWindow, end = begin + window_of(plain, w).size();
    if (!ranges.empty() && ranges.back().end == begin)
      ranges.back().end = end;
    else
      ranges.push_back({begin, end});
  }
  return ranges;
}

}  // namespace nzip
