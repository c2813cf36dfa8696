#include "transforms/deflate/trees.hpp"

#include <algorithm>
#include <utility>

namespace nzip::deflate {
namespace {

constexpr size_t kMostSymbols = kLiteralSymbols, kMostNodes = 2 * kMostSymbols + 1;

// Huffman's algorithm with zlib's heap, ties and bound on lengths.
class Tree {
 public:
  // Returns how many lengths there are up to the last that is not 0.
  size_t build(std::span<const uint32_t> counts, int longest, std::span<uint8_t> lengths) {
    const size_t symbols = counts.size();
    std::copy(counts.begin(), counts.end(), count_.begin());
    heap_size_ = 0;
    size_t size = 0;
    for (size_t i = 0; i < symbols; ++i)
      if (counts[i]) {
        heap_[++heap_size_] = uint16_t(i);
        depth_[i] = 0;
        size = i + 1;
      }
    while (heap_size_ < 2) {  // at least two codes, of one bit each
      const size_t node = size < 2 ? size++ : 0;
      heap_[++heap_size_] = uint16_t(node);
      count_[node] = 1;
      depth_[node] = 0;
    }
    for (size_t i = heap_size_ / 2; i >= 1; --i) sink(i);
    order_size_ = 0;
    size_t node = symbols;
    for (; heap_size_ >= 2; ++node) {
      const uint16_t first = heap_[1];
      heap_[1] = heap_[heap_size_--];
      sink(1);
      const uint16_t second = heap_[1];
      order_[order_size_++] = first;
      order_[order_size_++] = second;
      count_[node] = count_[first] + count_[second];
      depth_[node] = uint8_t(std::max(depth_[first], depth_[second]) + 1);
      parent_[first] = parent_[second] = uint16_t(node);
      heap_[1] = uint16_t(node);
      sink(1);
    }
    assign(node - 1, symbols, longest, lengths);
    return size;
  }

 private:
  bool smaller(uint16_t a, uint16_t b) const {
    return count_[a] < count_[b] || (count_[a] == count_[b] && depth_[a] <= depth_[b]);
  }

  void sink(size_t at) {
    const uint16_t node = heap_[at];
    for (size_t child = 2 * at; child <= heap_size_; child *= 2) {
      if (child < heap_size_ && smaller(heap_[child + 1], heap_[child])) ++child;
      if (smaller(node, heap_[child])) break;
      heap_[at] = heap_[child];
      at = child;
    }
    heap_[at] = node;
  }

  void assign(size_t root, size_t symbols, int longest, std::span<uint8_t> lengths) {
    std::fill(lengths.begin(), lengths.end(), uint8_t(0));
    std::array<uint16_t, kMaxCode + 1> numbers{};
    length_[root] = 0;
    int overflow = 0;
    for (size_t i = order_size_; i-- > 0;) {
      const uint16_t node = order_[i];
      int length = length_[parent_[node]] + 1;
      if (length > longest) {
        length = longest;
        ++overflow;
      }
      length_[node] = uint8_t(length);
      if (node >= symbols) continue;
      lengths[node] = uint8_t(length);
      ++numbers[size_t(length)];
    }
    if (overflow == 0) return;
    for (; overflow > 0; overflow -= 2) {
      size_t length = size_t(longest) - 1;
      while (numbers[length] == 0) --length;
      --numbers[length];
      numbers[length + 1] = uint16_t(numbers[length + 1] + 2);
      --numbers[size_t(longest)];
    }
    size_t next = 0;
    for (size_t length = size_t(longest); length > 0; --length)
      for (size_t left = numbers[length]; left > 0;) {
        const uint16_t node = order_[next++];
        if (node >= symbols) continue;
        lengths[node] = uint8_t(length);
        --left;
      }
  }

  std::array<uint32_t, kMostNodes> count_;
  std::array<uint16_t, kMostNodes> parent_, heap_, order_;  // order: nodes as they leave the heap
  std::array<uint8_t, kMostNodes> depth_, length_;
  size_t heap_size_, order_size_;
};

// The lengths of one of the two codes as runs: these never go from one into the other.
void add_runs(std::span<const uint8_t> lengths, std::vector<Run>& runs) {
  int before = -1;
  for (size_t at = 0; at < lengths.size();) {
    const uint8_t length = lengths[at];
    const size_t most = length == 0 ? 138 : length == before ? 6 : 7, least = length != 0 && length != before ? 4 : 3;
    size_t count = 1;
    while (count < most && at + count < lengths.size() && lengths[at + count] == length) ++count;
    at += count;
    if (count < least) {
      runs.insert(runs.end(), count, Run{length, 1});
    } else if (length != 0) {
      if (length != before) {
        runs.push_back({length, 1});
        --count;
      }
      runs.push_back({kRepeat, uint8_t(count)});
    } else {
      runs.push_back({count <= 10 ? kZeros : kManyZeros, uint8_t(count)});
    }
    before = length;
  }
}

}  // namespace

void choose_codes(const Counts& counts, Codes& codes) {
  Tree tree;
  std::array<uint8_t, kLiteralSymbols> literals;
  std::array<uint8_t, kDistanceSymbols> distances;
  codes.literals = tree.build(counts.literals, kMaxCode, literals);
  codes.distances = tree.build(counts.distances, kMaxCode, distances);
  codes.lengths.fill(0);
  std::copy_n(literals.begin(), codes.literals, codes.lengths.begin());
  std::copy_n(distances.begin(), codes.distances, codes.lengths.begin() + ptrdiff_t(codes.literals));
  choose_runs(codes);
  choose_run_lengths(codes);
}

void choose_runs(Codes& codes) {
  const std::span<const uint8_t> lengths(codes.lengths);
  codes.runs.clear();
  add_runs(lengths.first(codes.literals), codes.runs);
  add_runs(lengths.subspan(codes.literals, codes.distances), codes.runs);
}

void choose_run_lengths(Codes& codes) {
  std::array<uint32_t, kRunSymbols> counts{};
  for (const Run run : codes.runs) ++counts[run.symbol];
  Tree().build(counts, kMaxRunCode, codes.run_lengths);
  codes.run_codes = kRunSymbols;
  while (codes.run_codes > 4 && codes.run_lengths[kRunOrder[codes.run_codes - 1]] == 0) --codes.run_codes;
}

Block::Kind choose_kind(const Counts& counts, const Codes& codes, size_t bytes) {
  uint64_t fixed = 0, dynamic = 0;
  for (size_t i = 0; i < kLiteralSymbols; ++i) {
    const uint64_t count = counts.literals[i], extra = i < kFirstLength ? 0 : kLengths[i - kFirstLength].extra;
    fixed += count * (fixed_length(i) + extra);
    if (i < codes.literals) dynamic += count * (codes.lengths[i] + extra);
  }
  for (size_t i = 0; i < kDistanceSymbols; ++i) {
    const uint64_t count = counts.distances[i], extra = kDistances[i].extra;
    fixed += count * (kFixedDistance + extra);
    if (i < codes.distances) dynamic += count * (codes.lengths[codes.literals + i] + extra);
  }
  for (const Run run : codes.runs) dynamic += codes.run_lengths[run.symbol] + run_range(run.symbol).extra;
  dynamic += 14 + 3 * codes.run_codes;
  const uint64_t fixed_bytes = (fixed + 10) / 8, dynamic_bytes = (dynamic + 10) / 8;
  if (bytes + 4 <= std::min(fixed_bytes, dynamic_bytes)) return Block::kStored;
  return fixed_bytes <= dynamic_bytes ? Block::kFixed : Block::kDynamic;
}

}  // namespace nzip::deflate
