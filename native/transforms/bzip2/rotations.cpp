#include "transforms/bzip2/rotations.hpp"

#include <algorithm>
#include <array>

namespace nzip::bzip2 {
namespace {

constexpr int32_t kNone = -1;

// Suffixes by induced sorting, after G. Nong, S. Zhang and W. H. Chan, "Two Efficient Algorithms for Linear Time Suffix
// Array Construction" (2011). A suffix is small if it is less than the one behind it, else large; small ones behind
// large ones are the leftmost of their kind, and their order tells that of all others.
template <class Letter>
class SuffixSorter {
 public:
  // Letters are below `letters`. `order` becomes the places of the suffixes, the least first.
  SuffixSorter(std::span<const Letter> text, size_t letters, std::span<int32_t> order)
      : text_(text), order_(order), ends_(letters + 1) {
    for (const Letter letter : text) ++ends_[size_t(letter) + 1];
    for (size_t i = 1; i <= letters; ++i) ends_[i] += ends_[i - 1];
  }
  void sort() {
    find_leftmost();
    induce(leftmost_);
    if (leftmost_.size() > 1) induce(sorted_leftmost());
  }

 private:
  int32_t size() const { return int32_t(text_.size()); }

  void find_leftmost() {
    bool is_small = false;  // the last suffix is large: what is not there is less than all letters
    for (int32_t at = size() - 2; at >= 0; --at) {
      const Letter here = text_[size_t(at)], next = text_[size_t(at + 1)];
      const bool was_small = is_small;
      is_small = here < next || (here == next && was_small);
      if (was_small && !is_small) leftmost_.push_back(at + 1);
    }
    std::reverse(leftmost_.begin(), leftmost_.end());
  }

  // Sorts all suffixes, given the leftmost ones in order; by their parts up to the next leftmost one, given any order.
  void induce(const std::vector<int32_t>& leftmost) {
    std::fill(order_.begin(), order_.end(), kNone);
    std::vector<int32_t> free(ends_.begin() + 1, ends_.end());  // of each letter, the end of its free places
    for (size_t i = leftmost.size(); i--;) order_[size_t(--free[size_t(text_[size_t(leftmost[i])])])] = leftmost[i];
    std::copy(ends_.begin(), ends_.end() - 1, free.begin());  // and now their start
    const auto put_large = [&](int32_t at) { order_[size_t(free[size_t(text_[size_t(at)])]++)] = at; };
    put_large(size() - 1);
    for (int32_t i = 0; i < size(); ++i) {
      const int32_t at = order_[size_t(i)];
      if (at > 0 && text_[size_t(at - 1)] >= text_[size_t(at)]) put_large(at - 1);
    }
    std::copy(ends_.begin() + 1, ends_.end(), free.begin());
    for (int32_t i = size() - 1; i >= 0; --i) {
      const int32_t at = order_[size_t(i)];
      if (at <= 0) continue;
      const Letter before = text_[size_t(at - 1)], here = text_[size_t(at)];
      if (before < here || (before == here && i >= free[size_t(here)])) order_[size_t(--free[size_t(before)])] = at - 1;
    }
  }

  // The leftmost suffixes in order, when all suffixes are sorted by their parts up to the next leftmost one.
  std::vector<int32_t> sorted_leftmost() const {
    std::vector<int32_t> places(text_.size(), kNone);  // which of the leftmost begins here
    for (size_t i = 0; i < leftmost_.size(); ++i) places[size_t(leftmost_[i])] = int32_t(i);
    std::vector<int32_t> names(leftmost_.size());  // numbers of their parts, in order
    int32_t name = 0, last = kNone;
    for (const int32_t at : order_) {
      const int32_t place = places[size_t(at)];
      if (place == kNone) continue;
      if (last != kNone && !equal_parts(last, place)) ++name;
      names[size_t(place)] = name;
      last = place;
    }
    std::vector<int32_t> sorted(leftmost_.size());
    if (size_t(name) + 1 == leftmost_.size())
      for (size_t i = 0; i < names.size(); ++i) sorted[size_t(names[i])] = int32_t(i);
    else
      SuffixSorter<int32_t>(names, size_t(name) + 1, sorted).sort();
    for (int32_t& place : sorted) place = leftmost_[size_t(place)];
    return sorted;
  }
  bool equal_parts(int32_t a, int32_t b) const {
    const auto part = [&](int32_t place) {
      const size_t begin = size_t(leftmost_[size_t(place)]), next = size_t(place) + 1;
      const size_t end = next < leftmost_.size() ? size_t(leftmost_[next]) + 1 : text_.size() + 1;
      return std::pair(begin, end - begin);
    };
    const auto [a_begin, a_size] = part(a);
    const auto [b_begin, b_size] = part(b);
    if (a_size != b_size || std::max(a_begin, b_begin) + a_size > text_.size()) return false;
    return std::equal(text_.begin() + ptrdiff_t(a_begin), text_.begin() + ptrdiff_t(a_begin + a_size),
                      text_.begin() + ptrdiff_t(b_begin));
  }

  std::span<const Letter> text_;
  std::span<int32_t> order_;
  std::vector<int32_t> ends_;  // of each letter's suffixes, behind a 0
  std::vector<int32_t> leftmost_;
};

// Where the least rotation begins.
size_t least_rotation(std::span<const uint8_t> block) {
  const size_t size = block.size();
  const auto at = [&](size_t place) { return block[place < size ? place : place - size]; };
  size_t a = 0, b = 1, same = 0;  // two that may be the least, and how many of their bytes are equal
  while (a < size && b < size && same < size) {
    const uint8_t of_a = at(a + same), of_b = at(b + same);
    if (of_a == of_b) {
      ++same;
      continue;
    }
    (of_a > of_b ? a : b) += same + 1;
    if (a == b) ++b;
    same = 0;
  }
  return std::min(a, b);
}

// The period of a block that is its own least rotation, by J.-P. Duval, "Factorizing Words over an Ordered Alphabet"
// (1983).
size_t period_of(std::span<const uint8_t> block) {
  size_t at = 1, like = 0;
  for (; at < block.size(); ++at) like = block[like] < block[at] ? 0 : like + 1;
  return at - like;
}

}  // namespace

// A word that is less than all of its other rotations has the same order of rotations and of suffixes.
Rotations sort_rotations(std::span<const uint8_t> block) {
  const size_t start = least_rotation(block);
  std::vector<uint8_t> least(block.begin() + ptrdiff_t(start), block.end());
  least.insert(least.end(), block.begin(), block.begin() + ptrdiff_t(start));
  const size_t period = period_of(least), times = block.size() / period;
  std::vector<int32_t> order(period);
  SuffixSorter<uint8_t>(std::span(least).first(period), 256, order).sort();

  Rotations sorted{{}, 0, uint32_t(times)};
  sorted.last.reserve(block.size());
  const size_t whole = (block.size() - start) % period;  // where the block itself begins in its least rotation
  for (const int32_t at : order) {
    if (size_t(at) == whole) sorted.first = uint32_t(sorted.last.size());
    sorted.last.insert(sorted.last.end(), times, least[at ? size_t(at) - 1 : period - 1]);
  }
  return sorted;
}

}  // namespace nzip::bzip2
