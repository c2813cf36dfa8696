#include "cm/detect.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>

#include "cm/detect_executable.hpp"

namespace nzip {
namespace {

constexpr size_t kWindow = size_t(1) << 17;  // what is judged at once
constexpr size_t kMaxStride = 4096;
constexpr uint32_t kMinRow = 32;  // of a raster; tables of symbols have shorter ones, and as many zeros

// Text has hardly any control bytes beside white space.
bool looks_like_text(std::span<const uint8_t> window) {
  size_t odd = 0;
  for (uint8_t c : window) odd += c < 32 ? !(c >= 8 && c <= 13) : c == 127;
  return odd * 64 <= window.size();
}

// A bilevel raster is mostly white, with black here and there.
bool looks_bilevel(std::span<const uint8_t> window) {
  size_t flat = 0;
  for (uint8_t c : window) flat += c == 0 || c == 255;
  return flat * 20 >= window.size() * 13;
}

// How different the bytes of a sample are from those `lag` before them; close values count as half alike.
uint32_t difference(const uint8_t* sample, size_t size, size_t lag) {
  uint32_t sum = 0;
  for (size_t i = 0; i < size; ++i) {
    const int d = std::abs(int(sample[i]) - int(sample[ptrdiff_t(i) - ptrdiff_t(lag)]));
    sum += uint32_t(d < 16 ? d : 16);
  }
  return sum;
}

// The record length of a window, by autocorrelation; 0 where no length stands out. `before`: the last window's.
uint32_t find_stride(std::span<const uint8_t> window, uint32_t before, size_t lags, size_t kBurst) {
  constexpr size_t kBursts = 4;
  if (lags < 2 || window.size() < lags + kBursts * kBurst) return 0;
  std::vector<uint32_t> cost(lags + 1);
  uint64_t total = 0;
  const size_t step = (window.size() - lags - kBurst) / kBursts;
  for (size_t lag = 1; lag <= lags; ++lag) {
    for (size_t b = 0; b < kBursts; ++b) cost[lag] += difference(window.data() + lags + b * step, kBurst, lag);
    total += cost[lag];
  }
  const uint32_t mean = uint32_t(total / lags);
  const size_t best = size_t(std::min_element(cost.begin() + 2, cost.end()) - cost.begin());
  if (cost[best] * 10 > mean * 8 || cost[best] * 10 > cost[1] * 9) return 0;
  // Multiples of the stride do about as well as itself; a stride that held so far is kept while it does.
  const uint32_t close = cost[best] + (mean - cost[best]) / 4;
  if (before >= 2 && before <= lags && cost[before] <= close) return before;
  for (size_t lag = 2; lag < best; ++lag)
    if (best % lag == 0 && cost[lag] <= close) return uint32_t(lag);
  return uint32_t(best);
}

void append(std::vector<Segment>& segments, const Segment& s) {
  if (!segments.empty() && segments.back().kind == s.kind && segments.back().param == s.param)
    segments.back().length += s.length;
  else
    segments.push_back(s);
}

// Of binary data the tables and the strings, which are often short.
void detect_parts(std::span<const uint8_t> window, std::vector<Segment>& segments) {
  constexpr size_t kPart = 4096, kLongest = 64, kBurst = (kPart - kLongest) / 4;
  uint32_t stride = 0;
  for (size_t at = 0; at < window.size();) {
    const size_t left = window.size() - at, size = left < 2 * kPart ? left : kPart;
    const auto part = window.subspan(at, size);
    Segment s{kText, 0, size};
    if (!looks_like_text(part)) {
      s.param = find_stride(part, stride, kLongest, kBurst);
      s.kind = s.param == 0 ? kBinary : kRecords;
    }
    stride = s.param;
    append(segments, s);
    at += size;
  }
}

// Data between machine code.
void detect_data(std::span<const uint8_t> plain, std::vector<Segment>& segments) {
  uint32_t stride = 0;
  for (size_t at = 0; at < plain.size();) {
    // The rest joins the last window rather than standing as a short one of its own.
    const size_t left = plain.size() - at, size = left < 2 * kWindow ? left : kWindow;
    const auto window = plain.subspan(at, size);
    Segment s{kText, 0, size};
    if (!looks_like_text(window)) {
      s.param = find_stride(window, stride, std::min(kMaxStride, window.size() / 4), 1024);
      s.kind = s.param == 0 ? kBinary : s.param >= kMinRow && looks_bilevel(window) ? kBilevel : kRecords;
    }
    stride = s.param;
    if (s.kind == kBinary)
      detect_parts(window, segments);
    else
      append(segments, s);
    at += size;
  }
}

}  // namespace

std::vector<Segment> detect(std::span<const uint8_t> plain) {
  std::vector<Segment> segments;
  size_t at = 0;
  for (const CodeRange& code : find_code(plain)) {
    detect_data(plain.subspan(at, code.begin - at), segments);
    append(segments, {kExecutable, code.set, code.end - code.begin});
    at = code.end;
  }
  detect_data(plain.subspan(at), segments);
  return segments;
}

}  // namespace nzip
