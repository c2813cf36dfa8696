#include "transforms/png_rows.hpp"

#include <algorithm>
#include <cstdlib>

namespace nzip {
namespace {

constexpr size_t kChunk = 1 << 16;  // bytes of a row between two looks at the stop

enum Filter : uint8_t { kNone, kSub, kUp, kAverage, kPaeth, kFilters };

uint8_t paeth(int left, int up, int corner) {
  const int to_left = std::abs(up - corner), to_up = std::abs(left - corner),
            to_corner = std::abs(left + up - 2 * corner);
  if (to_left <= to_up && to_left <= to_corner) return uint8_t(left);
  return uint8_t(to_up <= to_corner ? up : corner);
}

// What the filter expects of a byte, given the one before it, the one above it and the one before that.
template <Filter filter>
uint8_t expected(uint8_t left, uint8_t up, uint8_t corner) {
  if constexpr (filter == kSub) return left;
  if constexpr (filter == kUp) return up;
  if constexpr (filter == kAverage) return uint8_t((left + up) / 2);
  if constexpr (filter == kPaeth) return paeth(left, up, corner);
  return 0;
}

struct Stretch {
  size_t begin, end;
};

// Adds what is expected of each byte of a stretch of a row, or takes it away. `raw` are the bytes without filter, as
// far as they are known; where there is no row above, that is one of zeros.
template <Filter filter, bool adds>
void pass(const uint8_t* in, uint8_t* out, const uint8_t* raw, const uint8_t* above, Stretch stretch, size_t pixel) {
  for (size_t i = stretch.begin; i < stretch.end; ++i) {
    const bool has_left = i >= pixel;
    const uint8_t left = has_left ? raw[i - pixel] : uint8_t(0), corner = has_left ? above[i - pixel] : uint8_t(0);
    const uint8_t guess = expected<filter>(left, above[i], corner);
    out[i] = uint8_t(adds ? in[i] + guess : in[i] - guess);
  }
}

template <bool adds>
void pass(uint8_t filter, const uint8_t* in, uint8_t* out, const uint8_t* raw, const uint8_t* above, Stretch stretch,
          size_t pixel) {
  switch (filter) {
    case kSub:
      return pass<kSub, adds>(in, out, raw, above, stretch, pixel);
    case kUp:
      return pass<kUp, adds>(in, out, raw, above, stretch, pixel);
    case kAverage:
      return pass<kAverage, adds>(in, out, raw, above, stretch, pixel);
    case kPaeth:
      return pass<kPaeth, adds>(in, out, raw, above, stretch, pixel);
    default:
      std::copy(in + stretch.begin, in + stretch.end, out + stretch.begin);
  }
}

template <bool adds>
void pass_row(uint8_t filter, const uint8_t* in, uint8_t* out, const uint8_t* raw, const uint8_t* above, size_t row,
              size_t pixel, const Stop& stop) {
  for (size_t begin = 0; begin < row; begin += kChunk) {
    stop.check();
    pass<adds>(filter, in, out, raw, above, {begin, std::min(begin + kChunk, row)}, pixel);
  }
}

}  // namespace

std::optional<PngRows> unfilter_png(std::span<const uint8_t> rows, size_t row, size_t pixel, const Stop& stop) {
  if (row == 0 || pixel == 0 || rows.size() % (row + 1) != 0) return std::nullopt;
  const size_t count = rows.size() / (row + 1);
  PngRows result{std::vector<uint8_t>(count), std::vector<uint8_t>(count * row)};
  const std::vector<uint8_t> zeros(row);
  const uint8_t* above = zeros.data();
  for (size_t i = 0; i < count; ++i) {
    const uint8_t* const in = rows.data() + i * (row + 1);
    if (*in >= kFilters) return std::nullopt;
    uint8_t* const out = result.pixels.data() + i * row;
    result.filters[i] = *in;
    pass_row<true>(*in, in + 1, out, out, above, row, pixel, stop);
    above = out;
  }
  return result;
}

std::optional<std::vector<uint8_t>> filter_png(std::span<const uint8_t> filters, std::span<const uint8_t> pixels,
                                               size_t pixel, const Stop& stop) {
  if (filters.empty() || pixel == 0 || pixels.empty() || pixels.size() % filters.size() != 0) return std::nullopt;
  const size_t row = pixels.size() / filters.size();
  std::vector<uint8_t> rows(pixels.size() + filters.size());
  const std::vector<uint8_t> zeros(row);
  const uint8_t* above = zeros.data();
  for (size_t i = 0; i < filters.size(); ++i) {
    if (filters[i] >= kFilters) return std::nullopt;
    const uint8_t* const raw = pixels.data() + i * row;
    uint8_t* const out = rows.data() + i * (row + 1);
    *out = filters[i];
    pass_row<false>(filters[i], raw, out + 1, raw, above, row, pixel, stop);
    above = raw;
  }
  return rows;
}

}  // namespace nzip
