#include "detect/arrays.hpp"

#include <array>
#include <cstddef>
#include <utility>

#include "arrays/types.hpp"

namespace nzip {
namespace {

constexpr size_t kWindow = size_t(1) << 16;  // what is judged at once
constexpr size_t kMostWidth = 8;

struct Found {
  uint32_t type = arrays::kBytes;
  size_t width = 1, phase = 0;  // where, modulo the width, elements begin in the block

  bool operator==(const Found&) const = default;
};

// By position modulo 8: the sum of the squares of the byte values' shares, times 256 * 64: from 64 for noise to 64 *
// 256.
using Skews = std::array<uint64_t, kMostWidth>;
constexpr uint64_t kOne = 64;
constexpr uint64_t kNoise = kOne + kOne / 8, kNearlyNoise = 2 * kOne, kSkewed = 4 * kOne;

Skews skews_of(std::span<const uint8_t> window) {
  std::array<std::array<uint32_t, 256>, kMostWidth> counts{};
  const size_t each = window.size() / kMostWidth;
  for (size_t i = 0; i < each * kMostWidth; ++i) ++counts[i % kMostWidth][window[i]];
  Skews skews{};
  for (size_t k = 0; k < kMostWidth; ++k) {
    for (const uint64_t n : counts[k]) skews[k] += n * n;
    skews[k] = skews[k] * 256 * kOne / (each * each);
  }
  return skews;
}

// Whether every number of this width has its highest byte at `top`, modulo the width, and noise elsewhere, nearly so
// where the exponent's last bit is.
bool fits(const Skews& skews, size_t width, size_t top, size_t next) {
  for (size_t k = 0; k < kMostWidth; ++k) {
    const size_t at = k % width;
    if (at == top ? skews[k] < kSkewed : skews[k] > (at == next ? kNearlyNoise : kNoise)) return false;
  }
  return true;
}

// What a window that begins `at` bytes from the block's start holds.
Found judge(std::span<const uint8_t> window, size_t at) {
  const Skews skews = skews_of(window);
  for (const auto& [width, type] : {std::pair<size_t, uint32_t>{2, 5}, {4, 6}, {8, 7}})
    for (size_t top = 0; top < width; ++top) {
      const size_t before = (top + width - 1) % width, behind = (top + 1) % width;
      const bool big = width > 2 && skews[behind] > skews[before] + kOne / 32;
      if (!fits(skews, width, top, big ? behind : before)) continue;
      const size_t first = big ? top : behind;  // byte of an element
      return {big ? type | arrays::kBigEndian : type, width, (at + first) % width};
    }
  return {};
}

}  // namespace

std::vector<Segment> find_arrays(std::span<const uint8_t> plain, const Stop& stop) {
  std::vector<Segment> segments;
  Found last;
  uint64_t numbers = 0;
  for (size_t at = 0; at < plain.size();) {
    stop.check();
    const size_t left = plain.size() - at, size = left < 2 * kWindow ? left : kWindow;
    const Found found = size < kWindow ? Found() : judge(plain.subspan(at, size), at);
    if (segments.empty() || found != last) {
      // What stands before the first element belongs to what came before it.
      const size_t skip = (found.phase + found.width - at % found.width) % found.width;
      if (!segments.empty())
        segments.back().length += skip;
      else if (skip > 0)
        segments.push_back({kArray, arrays::kBytes, skip});
      segments.push_back({kArray, found.type, size - skip});
    } else {
      segments.back().length += size;
    }
    if (found.type != arrays::kBytes) numbers += size;
    last = found;
    at += size;
  }
  return numbers * 2 >= plain.size() && numbers > 0 ? segments : std::vector<Segment>();
}

}  // namespace nzip
