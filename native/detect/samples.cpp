#include "detect/samples.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <utility>
#include <vector>

namespace nzip {
namespace {

// Costs are in 1/4096 nats for 4096 bytes; integers, so that every machine makes the same choice.
constexpr int kBit = 2839;

// ln(1 + i / 1024) in 1/4096: the binary logarithm by squaring, one bit at a time.
constexpr std::array<uint16_t, 1024> kLog = [] {
  std::array<uint16_t, 1024> log{};
  for (uint64_t i = 0; i < 1024; ++i) {
    uint64_t x = (1024 + i) << 21, bits = 0;  // x in 2^-31, 1 <= x < 2
    for (int b = 0; b < 20; ++b) {
      x = (x * x) >> 31;
      bits = bits << 1 | x >> 32;
      x >>= x >> 32;
    }
    log[i] = uint16_t((bits * kBit + (1 << 19)) >> 20);
  }
  return log;
}();

constexpr size_t kLeast = 2048;  // bytes that can be judged

// n ln n in 1/4096.
uint64_t n_log_n(uint64_t n) {
  if (n < 2) return 0;
  const int top = std::bit_width(n) - 1;
  const uint64_t fraction = (top <= 10 ? n << (10 - top) : n >> (top - 10)) & 1023;
  return n * (uint64_t(top) * kBit + kLog[fraction]);
}

// What it costs to tell which of the counted things came, for all of them.
template <class Counts>
uint64_t information(const Counts& counts) {
  uint64_t total = 0, known = 0;
  for (uint32_t n : counts) total += n, known += n_log_n(n);
  return n_log_n(total) - known;
}

// Calls f(begin, end) for a few parts of `length` bytes of [first, size), or for all of it if it is not longer.
template <class F>
void each_part(size_t first, size_t size, size_t length, size_t parts, F f) {
  if (first >= size) return;
  const size_t all = size - first;
  if (all <= length * parts) return f(first, size);
  for (size_t i = 0; i < parts; ++i) {
    const size_t begin = first + (all - length) / (parts - 1) * i;
    f(begin, begin + length);
  }
}

// A byte's cost where it is told by its place in fours, by the byte before it, or by whether it is the one that stands
// some bytes before: the last few, or the given lags if they are not 0.
int64_t cost_of_bytes(std::span<const uint8_t> window, const std::array<size_t, 3>& given) {
  constexpr size_t kLags = 5;
  std::array<size_t, kLags> lags = {1, 2, given[0], given[1], given[2]};
  size_t most = 4;
  for (size_t& lag : lags) {
    if (lag == 0 || lag > window.size() / 2) lag = 1;
    most = std::max(most, lag + 1);
  }
  std::array<std::array<uint32_t, 256>, 4> by_place = {};
  std::array<std::array<uint32_t, 256>, 16> by_last = {};
  std::array<std::array<uint32_t, 256>, kLags> other = {};
  std::array<std::array<std::array<uint32_t, 2>, 2>, kLags> same = {};  // after one that was the same or not
  uint64_t total = 0;
  each_part(most, window.size(), 2048, 6, [&](size_t begin, size_t end) {
    std::array<bool, kLags> was = {};
    for (size_t at = begin; at < end; ++at) {
      const uint8_t c = window[at];
      ++by_place[at & 3][c], ++by_last[window[at - 1] / 16][c];
      for (size_t i = 0; i < kLags; ++i) {
        const bool is = window[at - lags[i]] == c;
        ++same[i][was[i]][is];
        other[i][c] += !is;
        was[i] = is;
      }
    }
    total += end - begin;
  });
  if (total == 0) return 0;
  uint64_t places = 0, lasts = 0;
  for (const auto& counts : by_place) places += information(counts);
  for (const auto& counts : by_last) lasts += information(counts);
  uint64_t best = std::min(places, lasts);
  for (size_t i = 0; i < kLags; ++i)
    best = std::min(best, information(same[i][0]) + information(same[i][1]) + information(other[i]));
  return int64_t(best * 4096 / total);
}

// Reads a number, of wide ones the first 32 bits, as an unsigned one in an order in which differences mean something.
template <uint32_t kWidth, bool kBigEndian>
uint32_t read(const uint8_t* p, uint32_t numbers) {
  constexpr uint32_t kBytes = kWidth < 4 ? kWidth : 4, kTop = 1u << (8 * kBytes - 1);
  uint32_t v = 0;
  for (uint32_t i = 0; i < kBytes; ++i) v = v << 8 | p[kBigEndian ? i : kWidth - 1 - i];
  if (numbers == SampleLayout::kSigned) return v ^ kTop;
  if (numbers == SampleLayout::kFloat) return v & kTop ? v ^ (kTop | (kTop - 1)) : v ^ kTop;
  return v;
}

// Calls f with the reader of a layout.
template <class F>
auto with_reader(const SampleLayout& layout, F f) {
  const auto numbers = layout.numbers;
  const auto with_width = [&]<uint32_t kWidth>() {
    if (layout.big_endian) return f([numbers](const uint8_t* p) { return read<kWidth, true>(p, numbers); });
    return f([numbers](const uint8_t* p) { return read<kWidth, false>(p, numbers); });
  };
  switch (layout.width) {
    case 1:
      return with_width.template operator()<1>();
    case 2:
      return with_width.template operator()<2>();
    case 4:
      return with_width.template operator()<4>();
    default:
      return with_width.template operator()<8>();
  }
}

// A byte's cost where numbers are told by their distance from what those around predict: the distance's size by the
// size before, and its lower bits and sign as they are.
int64_t cost_of_numbers(std::span<const uint8_t> window, const SampleLayout& layout, size_t skip, size_t parts) {
  return with_reader(layout, [&](auto number) -> int64_t {
    const size_t pixel = layout.pixel(), row = layout.row, width = layout.width;
    const size_t behind = std::max(2 * pixel, row ? row + pixel : 0);
    std::array<std::array<uint32_t, 33>, 33> sizes = {};
    uint64_t bits = 0, total = 0;
    const uint8_t* const data = window.data();
    each_part(0, (window.size() - std::min(window.size(), skip + behind)) / width, 2048 / width, parts,
              [&](size_t begin, size_t end) {
                uint32_t last = 0;
                for (size_t i = begin; i < end; ++i) {
                  const uint8_t* const p = data + skip + behind + i * width;
                  const int64_t west = number(p - pixel);
                  int64_t expected = west;
                  if (row) {
                    const int64_t north = number(p - row), plane = west + north - number(p - row - pixel);
                    expected = std::clamp(plane, std::min(west, north), std::max(west, north));
                  }
                  const uint32_t n = uint32_t(std::bit_width(uint64_t(std::abs(number(p) - expected))));
                  ++sizes[last][n];
                  bits += n;
                  last = n;
                }
                total += end - begin;
              });
    if (total == 0) return 9 * 4096 * kBit;
    uint64_t cost = bits * kBit;
    for (const auto& counts : sizes) cost += information(counts);
    return int64_t(cost * 4096 / total + (width > 4 ? (width - 4) * 8 * 4096 * kBit : 0)) / int64_t(width);
  });
}

// The row length at which numbers are closest to those above; 0 where there is none.
uint32_t find_row(std::span<const uint8_t> window, const SampleLayout& layout, size_t skip) {
  constexpr size_t kCompared = 256, kMostLag = 8192, kParts = 4;
  const size_t numbers = (window.size() - skip) / layout.width, first = 16 * layout.channels;
  const size_t lags = std::min(kMostLag, numbers / 3);
  if (lags <= first || numbers < lags + kParts * kCompared) return 0;
  return with_reader(layout, [&](auto number) -> uint32_t {
    std::vector<uint32_t> cost(lags + 1), wide(lags + kCompared);
    std::vector<uint8_t> value(wide.size());
    for (size_t part = 0; part < kParts; ++part) {
      const size_t begin = (numbers - wide.size()) / kParts * part;
      for (size_t i = 0; i < wide.size(); ++i) wide[i] = number(window.data() + skip + (begin + i) * layout.width);
      // The range that most of them are in, in 256 steps.
      const auto [low, high] = std::minmax_element(wide.begin(), wide.end());
      const uint32_t least = *low;
      const int shift = std::max(0, int(std::bit_width(*high - least)) - 8);
      for (size_t i = 0; i < wide.size(); ++i) value[i] = uint8_t((wide[i] - least) >> shift);
      for (size_t lag = first; lag <= lags; ++lag) {
        const uint8_t *here = value.data() + lags, *above = here - lag;
        uint32_t sum = 0;
        for (size_t i = 0; i < kCompared; ++i) sum += uint32_t(std::abs(int(here[i]) - int(above[i])));
        cost[lag] += sum;
      }
    }
    const auto best = std::min_element(cost.begin() + ptrdiff_t(first), cost.end());
    return uint32_t(best - cost.begin()) * layout.width;
  });
}

// All layouts without rows that are tried.
const std::vector<std::pair<SampleLayout, size_t>>& simple_layouts() {
  static const auto all = [] {
    std::vector<std::pair<SampleLayout, size_t>> list;
    for (uint32_t channels = 1; channels <= 4; ++channels)
      list.push_back({{1, false, SampleLayout::kUnsigned, channels, 0}, 0});
    for (bool big_endian : {false, true}) {
      for (uint32_t numbers : {SampleLayout::kUnsigned, SampleLayout::kSigned})
        for (uint32_t channels = 1; channels <= 4; ++channels)
          for (size_t phase = 0; phase < 2; ++phase) list.push_back({{2, big_endian, numbers, channels, 0}, phase});
      for (uint32_t numbers : {SampleLayout::kUnsigned, SampleLayout::kSigned, SampleLayout::kFloat})
        for (uint32_t channels = 1; channels <= 2; ++channels)
          list.push_back({{4, big_endian, numbers, channels, 0}, 0});
      for (uint32_t channels = 1; channels <= 2; ++channels)
        list.push_back({{8, big_endian, SampleLayout::kFloat, channels, 0}, 0});
    }
    return list;
  }();
  return all;
}

}  // namespace

int64_t told_by_place(std::span<const uint8_t> window, uint32_t stride) {
  std::vector<std::array<uint32_t, 256>> counts(stride);
  std::array<uint32_t, 256> all = {};
  for (size_t i = 0, column = 0; i < window.size(); ++i) {
    ++counts[column][window[i]];
    if (++column == stride) column = 0;
  }
  // What few counts say is too little by half a nat for each value but one (Miller and Madow).
  const auto honest = [](const std::array<uint32_t, 256>& n) {
    return int64_t(information(n)) + 2048 * (256 - std::count(n.begin(), n.end(), 0u) - 1);
  };
  int64_t told = 0;
  for (const auto& n : counts) {
    told -= honest(n);
    for (size_t c = 0; c < 256; ++c) all[c] += n[c];
  }
  told += honest(all);
  return told * 1000 / kBit / int64_t(window.size());
}

std::optional<FoundSamples> find_samples(std::span<const uint8_t> window, const std::optional<FoundSamples>& expected,
                                         bool promised, uint32_t stride) {
  constexpr size_t kFewParts = 2, kParts = 6, kFinalists = 3;
  // What a layout that is less expected must save to be preferred.
  constexpr int64_t kHundredth = 4096 * kBit / 100, kChange = 8 * kHundredth;
  const size_t skip = expected ? expected->skip : 0;
  if (window.size() < skip + kLeast) return std::nullopt;
  struct {
    FoundSamples found;
    int64_t cost, with_handicap;
  } best{{}, 0, INT64_MAX};
  const auto attempt = [&](const FoundSamples& found, int64_t handicap) {
    const int64_t cost = cost_of_numbers(window, found.layout, found.skip, kParts);
    if (cost + handicap < best.with_handicap) best = {found, cost, cost + handicap};
  };

  if (expected) attempt(*expected, 0);
  std::vector<std::pair<int64_t, FoundSamples>> simple;
  for (const auto& [layout, phase] : simple_layouts())
    simple.push_back({cost_of_numbers(window, layout, skip + phase, kFewParts), {layout, skip + phase}});
  // Stable, for many layouts cost the same, and every library must choose the same ones.
  std::stable_sort(simple.begin(), simple.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (size_t i = 0; i < kFinalists; ++i) {
    const SampleLayout& layout = simple[i].second.layout;
    const int64_t oddities =
        layout.channels + (layout.numbers == SampleLayout::kFloat) + 3 * (simple[i].second.skip != skip);
    attempt(simple[i].second, kChange + oddities * kHundredth);
  }
  const bool as_expected = best.found == expected;
  if (best.found.layout.row == 0 && !as_expected) {
    FoundSamples rows = best.found;
    if (const uint32_t row = find_row(window, rows.layout, rows.skip))
      for (int64_t i : {0, -1, 1}) {
        rows.layout.row = uint32_t(int64_t(row) + i * rows.layout.pixel());
        attempt(rows, kChange + kHundredth * (i ? 1 : 0));
      }
  }
  // The engine makes more of numbers than the estimate, and far more of drawings; so what is known of them need not
  // look better.
  const SampleLayout& layout = best.found.layout;
  const int64_t otherwise = cost_of_bytes(window.subspan(skip), {stride, layout.pixel(), layout.row}) / 100;
  const bool pays = as_expected ? best.cost <= otherwise * (promised ? 250 : 115) : best.cost < otherwise * 97;
  return pays ? std::optional(best.found) : std::nullopt;
}

}  // namespace nzip
