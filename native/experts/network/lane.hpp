// What a network remembers of one lane.
#pragma once

#include <cstddef>
#include <vector>

#include "experts/network/evaluator.hpp"

namespace nzip {

class NetworkLane {
 public:
  explicit NetworkLane(const Network& network) : cells_(size_t(network.channels) * network.layers / kLine) {}

  // The position behind the bytes pushed so far. Columns may be made ahead, for the state is read when they are
  // evaluated.
  NetworkColumn column(ByteWeights* out) {
    NetworkColumn column;
    column.cells = cells_.data()->value;
    column.out = out;
    features_.rows(column.row);
    return column;
  }

  // Takes the lane's next byte, which is begin[position], too; begin is where the lane starts.
  void push(const uint8_t* begin, uint64_t position, uint8_t c) { features_.push(begin, position, c); }

 private:
  static constexpr int kLine = 16;
  struct alignas(64) Line {
    int32_t value[kLine] = {};
  };

  InputFeatures features_;
  std::vector<Line> cells_;
};

}  // namespace nzip
