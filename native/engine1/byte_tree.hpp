// A distribution over the next byte, asked bit by bit: a binary tree of sums, the byte's most significant bit first.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine1/tables.hpp"

namespace nzip::engine1::NZIP_ISA {

class ByteTree {
 public:
  // weight: of each of the 256 bytes, at least 1; their sum is below 2^31.
  void set(const uint32_t* weight) {
    uint32_t most = 0;
    for (uint32_t i = 0; i < 256; ++i) {
      sum_[256 + i] = weight[i];
      most = std::max(most, weight[i]);
    }
    for (top_ = 0; weight[top_] != most;) ++top_;
    for (uint32_t n = 128; n > 0; n /= 2) pairs_of(sum_ + 2 * n, n, sum_ + n);
  }

  // ln(p / (1 - p)) of a 1 behind the bits of `node`, which has a leading 1; in 1/256 and within the mixer's inputs.
  int stretched(uint32_t node) const {
    const int x = (natural_log(sum_[2 * node + 1]) - natural_log(sum_[2 * node]) + 8) >> 4;
    return x > kInputMax ? kInputMax : x < -kInputMax ? -kInputMax : x;
  }

  uint32_t top() const { return top_; }  // the first of the most likely bytes

 private:
  // The sums of n pairs, which lie behind where these go.
  static void pairs_of(const uint32_t* __restrict from, uint32_t n, uint32_t* __restrict to) {
    for (uint32_t i = 0; i < n; ++i) to[i] = from[2 * i] + from[2 * i + 1];
  }

  uint32_t sum_[512];
  uint32_t top_;
};

}  // namespace nzip::engine1::NZIP_ISA
