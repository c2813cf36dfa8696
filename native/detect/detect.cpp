#include "detect/detect.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <optional>

#include "detect/executable.hpp"
#include "detect/packed.hpp"
#include "detect/sample_headers.hpp"
#include "detect/samples.hpp"

namespace nzip {
namespace {

constexpr size_t kWindow = size_t(1) << 17;  // what is judged at once
constexpr size_t kMaxStride = 4096;
constexpr uint32_t kMinRow = 32;        // of a bilevel raster; tables of symbols have shorter ones, and as many zeros
constexpr size_t kLeastPromise = 2048;  // bytes of numbers that a header must announce to be believed

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

constexpr size_t kSums = 64;

// How different the bytes of a sample are from those `lag` before them; close values count as half alike. The sums are
// kept apart in a way that a compiler makes vectors of; size is a multiple of their number, and below 2^16.
uint32_t difference(const uint8_t* sample, size_t size, size_t lag) {
  uint16_t sums[kSums] = {};
  for (size_t i = 0; i < size; i += kSums)
    for (size_t j = 0; j < kSums; ++j) {
      const uint8_t a = sample[i + j], b = sample[ptrdiff_t(i + j) - ptrdiff_t(lag)];
      const uint8_t d = uint8_t(a > b ? a - b : b - a);
      sums[j] = uint16_t(sums[j] + (d < 16 ? d : 16));
    }
  uint32_t sum = 0;
  for (uint16_t s : sums) sum += s;
  return sum;
}

// The record length of a window, by autocorrelation up to so many lags; 0 where no length stands out. `before`: the
// last window's. burst: bytes, a multiple of kSums, of each of the four places where lags are tried. most:
// tenths of the mean difference that the best lag's may be.
uint32_t find_stride(std::span<const uint8_t> window, uint32_t before, size_t lags, size_t burst, uint32_t most) {
  constexpr size_t kBursts = 4;
  if (lags < 2 || window.size() < lags + kBursts * burst) return 0;
  std::vector<uint32_t> cost(lags + 1);
  uint64_t total = 0;
  const size_t step = (window.size() - lags - burst) / kBursts;
  for (size_t lag = 1; lag <= lags; ++lag) {
    for (size_t b = 0; b < kBursts; ++b) cost[lag] += difference(window.data() + lags + b * step, burst, lag);
    total += cost[lag];
  }
  const uint32_t mean = uint32_t(total / lags);
  const size_t best = size_t(std::min_element(cost.begin() + 2, cost.end()) - cost.begin());
  if (cost[best] * 10 > mean * most || cost[best] * 10 > cost[1] * 9) return 0;
  // Multiples of the stride do about as well as itself; a stride that held so far is kept while it does.
  const uint32_t close = cost[best] + (mean - cost[best]) / 4;
  if (before >= 2 && before <= lags && cost[before] <= close) return before;
  for (size_t lag = 2; lag < best; ++lag)
    if (best % lag == 0 && cost[lag] <= close) return uint32_t(lag);
  return uint32_t(best);
}

void append(std::vector<Segment>& segments, uint32_t kind, uint32_t param, size_t length) {
  if (length == 0) return;
  if (!segments.empty() && segments.back().kind == kind && segments.back().param == param)
    segments.back().length += length;
  else
    segments.push_back({kind, param, length});
}

// Of binary data the tables and the strings, which are often short.
void detect_parts(std::span<const uint8_t> window, std::vector<Segment>& segments) {
  constexpr size_t kPart = 4096, kLongest = 64, kBurst = (kPart - kLongest) / 4 / kSums * kSums;
  uint32_t stride = 0;
  for (size_t at = 0; at < window.size();) {
    const size_t left = window.size() - at, size = left < 2 * kPart ? left : kPart;
    const auto part = window.subspan(at, size);
    const bool text = looks_like_text(part);
    stride = text ? 0 : find_stride(part, stride, kLongest, kBurst, 7);
    append(segments, text ? kText : stride ? kRecords : kBinary, stride, size);
    at += size;
  }
}

// Numbers of four or eight bytes, and records of such, are known by columns of unlike bytes. What is none of these may
// have shorter parts.
void detect_tables(std::span<const uint8_t> window, std::vector<Segment>& segments) {
  constexpr size_t kUnit = size_t(1) << 14, kLongest = 64;
  constexpr uint32_t kNumber = 8;
  constexpr int64_t kEnough = 400, kMore = 100;
  for (size_t at = 0; at < window.size();) {
    const size_t left = window.size() - at, size = left < 2 * kUnit ? left : kUnit;
    const auto unit = window.subspan(at, size);
    at += size;
    const int64_t told = size < kUnit ? 0 : told_by_place(unit, kNumber);
    if (told < kEnough) {
      detect_parts(unit, segments);
      continue;
    }
    const uint32_t stride = find_stride(unit, 0, kLongest, 1024, 8);
    const bool longer = stride && told_by_place(unit, stride) >= told + kMore;
    append(segments, kRecords, longer ? stride : kNumber, size);
  }
}

// Mostly letters and blanks: nothing else need be considered.
bool plainly_text(std::span<const uint8_t> window) {
  size_t letters = 0, blanks = 0;
  for (uint8_t c : window) letters += (c | 32) >= 'a' && (c | 32) <= 'z', blanks += c == ' ' || c == '\n';
  return (letters + blanks) * 2 > window.size() && blanks * 100 > window.size();
}

// How the numbers of the last segment, if there are any, go on behind it.
std::optional<FoundSamples> going_on(const std::vector<Segment>& segments) {
  if (segments.empty() || segments.back().kind != kSamples) return std::nullopt;
  const SampleLayout layout = SampleLayout::of(segments.back().param);
  return FoundSamples{layout, size_t((layout.width - segments.back().length % layout.width) % layout.width)};
}

// Data that no detector knows.
void detect_data(std::span<const uint8_t> plain, std::vector<Segment>& segments, const Stop& stop) {
  uint32_t stride = 0;
  uint64_t promised = 0;  // where the numbers end that a header has announced
  for (size_t at = 0; at < plain.size();) {
    stop.check();
    auto expected = going_on(segments);
    const bool new_file = at == promised;
    if (new_file) {
      expected.reset();
      if (const auto said = SampleHeader::read(plain.subspan(at)); said && said->size >= kLeastPromise) {
        expected = said->found;
        promised = at + said->found.skip + said->size;
      }
    }
    const bool is_promised = expected && at < promised;
    const size_t end = is_promised && promised + kLeastPromise < plain.size() ? size_t(promised) : plain.size();
    // The rest joins the last window rather than standing as a short one of its own.
    const size_t left = end - at, size = left < 2 * kWindow ? left : kWindow;
    const auto window = plain.subspan(at, size);
    at += size;
    const bool text = looks_like_text(window);
    if (text && plainly_text(window)) {
      stride = 0;
      append(segments, kText, 0, size);
      continue;
    }
    stride = find_stride(window, stride, std::min(kMaxStride, window.size() / 4), 1024, 8);
    if (!text && !is_promised && stride >= kMinRow && looks_bilevel(window)) {
      append(segments, kBilevel, stride, size);
    } else if (const auto found = find_samples(window, expected, is_promised, stride)) {
      if (found != expected || new_file) {
        // What stands before the first number belongs to what came before it.
        if (segments.empty())
          append(segments, looks_like_text(window.first(found->skip)) ? kText : kBinary, 0, found->skip);
        else
          segments.back().length += found->skip;
        segments.push_back({kSamples, found->layout.param(), size - found->skip});
      } else {
        segments.back().length += size;
      }
    } else if (text) {
      stride = 0;
      append(segments, kText, 0, size);
    } else if (stride) {
      append(segments, kRecords, stride, size);
    } else {
      detect_tables(window, segments);
    }
  }
}

// Each sees what those before it left, and detect_data the rest.
constexpr Detector kDetectors[] = {find_packed, find_code};

void detect_by(std::span<const Detector> detectors, std::span<const uint8_t> plain, std::vector<Segment>& segments,
               const Stop& stop) {
  if (detectors.empty()) return detect_data(plain, segments, stop);
  size_t at = 0;
  for (const Found& found : detectors[0](plain, stop)) {
    detect_by(detectors.subspan(1), plain.subspan(at, found.begin - at), segments, stop);
    append(segments, found.kind, found.param, found.end - found.begin);
    at = found.end;
  }
  detect_by(detectors.subspan(1), plain.subspan(at), segments, stop);
}

}  // namespace

std::vector<Segment> detect(std::span<const uint8_t> plain, const Stop& stop) {
  return detect(plain, kDetectors, stop);
}

std::vector<Segment> detect(std::span<const uint8_t> plain, std::span<const Detector> detectors, const Stop& stop) {
  std::vector<Segment> segments;
  detect_by(detectors, plain, segments, stop);
  return segments;
}

}  // namespace nzip
