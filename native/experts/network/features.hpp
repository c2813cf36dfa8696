// What the network sees of a lane besides its own state: the row of each of its input tables at one position.
// Tables cost no multiplication, so facts that a recurrence learns slowly are given to it: words by hash, the line
// above, column and indentation. The specification is docs/model.md; trained networks depend on every line of it.
#pragma once

#include <cstdint>

#include "experts/network/text_place.hpp"

namespace nzip {

// Tables of the first layer's gates: the last four bytes. Tables of the residual stream: see kResidualRows.
constexpr int kGateTables = 4;
constexpr int kResidualTables = 7;
constexpr int kResidualRows[kResidualTables] = {256, 256, 64, 256, 4096, 1024, 2048};

class InputFeatures {
 public:
  // Takes the next byte of the lane that starts at `begin`: begin[position].
  void push(const uint8_t* begin, uint32_t position) {
    last4_ = last4_ << 8 | begin[position];
    place_.push(position, begin[position]);
    above_ = place_.above(begin);
  }

  // The row of each table, in the tables' order.
  void rows(int32_t* row) const {
    for (int k = 0; k < kGateTables; ++k) row[k] = int32_t(last4_ >> 8 * k & 255);
    row += kGateTables;
    row[0] = int32_t(last4_ & 255);
    row[1] = above_;
    row[2] = int32_t(place_.column_row());
    row[3] = int32_t(place_.layout_row());
    row[4] = int32_t((place_.word * 0x9E3779B1u) >> 20);
    row[5] = int32_t((place_.last_word * 0x9E3779B1u) >> 22);
    row[6] = int32_t(((last4_ & 0xffffff) * 0x9E3779B1u) >> 21);
  }

 private:
  TextPlace place_{0};
  uint32_t last4_ = 0x0a0a0a0a;
  uint8_t above_ = '\n';
};

}  // namespace nzip
