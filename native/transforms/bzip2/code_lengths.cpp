#include "transforms/bzip2/code_lengths.hpp"

#include <algorithm>

namespace nzip::bzip2 {
namespace {

constexpr int kRounds = 4;  // of choosing codes for groups, and groups for codes
constexpr uint32_t kLongest = 17;
constexpr uint8_t kCheap = 0, kDear = 15;  // lengths that codes begin with
constexpr uint32_t kDepth = 0xff;          // where a weight keeps how deep its tree is

using Counts = std::array<uint32_t, kMostSymbols>;

size_t number_of_codes(size_t symbols) {
  return symbols < 200 ? 2 : symbols < 600 ? 3 : symbols < 1200 ? 4 : symbols < 2400 ? 5 : 6;
}

// Each code begins with symbols that follow one another and are about as frequent together as those of the others; the
// last code has the first ones.
std::vector<Lengths> first_lengths(std::span<const uint16_t> symbols, size_t count) {
  Counts counts{};
  for (const uint16_t symbol : symbols) ++counts[symbol];
  const size_t codes = number_of_codes(symbols.size());
  std::vector<Lengths> lengths(codes);
  uint32_t left = uint32_t(symbols.size());
  for (size_t code = codes, begin = 0; code > 0; --code) {
    const uint32_t wanted = left / uint32_t(code);
    size_t end = begin;
    uint32_t has = 0;
    while (has < wanted && end < count) has += counts[end++];
    if (end > begin + 1 && code != codes && code != 1 && (codes - code) % 2 == 1) has -= counts[--end];
    Lengths& of_code = lengths[code - 1];
    of_code.fill(kDear);
    std::fill(of_code.begin() + ptrdiff_t(begin), of_code.begin() + ptrdiff_t(std::max(begin, end)), kCheap);
    begin = end;
    left -= has;
  }
  return lengths;
}

// A heap of the roots of trees, by their weight. Which of equal ones is first decides lengths, so what is compared with
// what, and how, is bzip2's.
class Heap {
 public:
  explicit Heap(std::span<const uint32_t> weights) : weights_(weights) {}

  size_t size() const { return size_; }
  void push(uint16_t node) {
    size_t at = ++size_;
    for (; at > 1 && weights_[node] < weights_[nodes_[at / 2]]; at /= 2) nodes_[at] = nodes_[at / 2];
    nodes_[at] = node;
  }
  uint16_t pop() {
    const uint16_t least = nodes_[1], moved = nodes_[size_--];
    size_t at = 1;
    for (size_t below; (below = 2 * at) <= size_; at = below) {
      if (below < size_ && weights_[nodes_[below + 1]] < weights_[nodes_[below]]) ++below;
      if (weights_[moved] < weights_[nodes_[below]]) break;
      nodes_[at] = nodes_[below];
    }
    nodes_[at] = moved;
    return least;
  }

 private:
  std::span<const uint32_t> weights_;
  std::array<uint16_t, kMostSymbols + 2> nodes_;  // from 1 on
  size_t size_ = 0;
};

// Huffman's lengths; too long ones are made shorter by making counts more equal.
void set_lengths(Lengths& lengths, const Counts& counts, size_t count) {
  std::array<uint32_t, 2 * kMostSymbols> weights;
  std::array<uint16_t, 2 * kMostSymbols> parents;
  for (size_t i = 0; i < count; ++i) weights[i] = std::max(counts[i], 1u) << 8;
  for (;;) {
    Heap heap(weights);
    for (size_t i = 0; i < count; ++i) heap.push(uint16_t(i));
    size_t nodes = count;
    for (; heap.size() > 1; ++nodes) {
      const uint16_t a = heap.pop(), b = heap.pop();
      const uint32_t depth = 1 + std::max(weights[a] & kDepth, weights[b] & kDepth);
      weights[nodes] = ((weights[a] & ~kDepth) + (weights[b] & ~kDepth)) | depth;
      parents[a] = parents[b] = uint16_t(nodes);
      heap.push(uint16_t(nodes));
    }
    std::array<uint32_t, 2 * kMostSymbols> depths;
    depths[nodes - 1] = 0;
    for (size_t i = nodes - 1; i--;) depths[i] = depths[parents[i]] + 1;
    if (*std::max_element(depths.begin(), depths.begin() + ptrdiff_t(count)) <= kLongest) {
      std::copy_n(depths.begin(), count, lengths.begin());
      return;
    }
    for (size_t i = 0; i < count; ++i) weights[i] = (1 + (weights[i] >> 8) / 2) << 8;
  }
}

// Of each symbol, its lengths in all codes: they are added up at once.
using Costs = std::array<std::array<uint16_t, 8>, kMostSymbols>;

size_t cheapest_code(std::span<const uint16_t> group, const Costs& costs, size_t codes) {
  std::array<uint16_t, 8> sums{};
  for (const uint16_t symbol : group)
    for (size_t code = 0; code < sums.size(); ++code) sums[code] = uint16_t(sums[code] + costs[symbol][code]);
  return size_t(std::min_element(sums.begin(), sums.begin() + ptrdiff_t(codes)) - sums.begin());
}

}  // namespace

Codes choose_codes(std::span<const uint16_t> symbols, size_t count) {
  Codes chosen{first_lengths(symbols, count), std::vector<uint8_t>((symbols.size() + kGroup - 1) / kGroup)};
  for (int round = 0; round < kRounds; ++round) {
    Costs costs{};
    for (size_t symbol = 0; symbol < count; ++symbol)
      for (size_t code = 0; code < chosen.lengths.size(); ++code) costs[symbol][code] = chosen.lengths[code][symbol];
    std::array<Counts, kMostCodes> counts{};
    for (size_t i = 0; i < chosen.selections.size(); ++i) {
      const auto group = symbols.subspan(kGroup * i, std::min(kGroup, symbols.size() - kGroup * i));
      const size_t code = cheapest_code(group, costs, chosen.lengths.size());
      chosen.selections[i] = uint8_t(code);
      for (const uint16_t symbol : group) ++counts[code][symbol];
    }
    for (size_t code = 0; code < chosen.lengths.size(); ++code) set_lengths(chosen.lengths[code], counts[code], count);
  }
  return chosen;
}

}  // namespace nzip::bzip2
