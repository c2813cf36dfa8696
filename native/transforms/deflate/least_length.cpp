#include "transforms/deflate/least_length.hpp"

#include <algorithm>
#include <numeric>

namespace nzip::deflate {

void LeastLength::begin(std::span<const uint8_t> left) {
  constexpr size_t kMostBlock = 300000, kLeastBlock = 5000, kShort = 512, kFirst = 4096, kAgain = 10000;
  counts_.fill(0);
  left_ = left.size();
  next_ = std::min(left_, kAgain);
  const size_t block = left_ < kMostBlock + kLeastBlock ? left_ : kMostBlock;
  std::array<bool, 256> used{};
  for (const uint8_t byte : left.first(std::min(block, kFirst))) used[byte] = true;
  length_ = block < kShort ? kMinMatch : length_for(size_t(std::count(used.begin(), used.end(), true)));
}

uint32_t LeastLength::at(size_t passed) {
  if (!looks_again_ || passed < next_) return length_;
  const uint32_t rare = std::accumulate(counts_.begin(), counts_.end(), 0u) >> 10;
  length_ = length_for(size_t(std::count_if(counts_.begin(), counts_.end(), [&](uint32_t n) { return n > rare; })));
  next_ += std::min(left_ - next_, passed);
  return length_;
}

uint32_t LeastLength::length_for(size_t literals) const {
  const uint32_t length = literals < 6    ? 9
                          : literals < 8  ? 8
                          : literals < 10 ? 7
                          : literals < 16 ? 6
                          : literals < 45 ? 5
                          : literals < 80 ? 4
                                          : kMinMatch;
  return std::min(length, chain_ < 5 ? 4u : chain_ < 10 ? 5u : chain_ < 16 ? 7u : length);
}

}  // namespace nzip::deflate
