// What a network remembers of one lane.
#pragma once

#include <cstddef>
#include <vector>

#include "experts/network/evaluator.hpp"

namespace nzip {

class NetworkCells {
 public:
  explicit NetworkCells(const Network& network) : lines_(size_t(network.channels) * network.layers / kLine) {}

  // Columns may be made ahead, for the cells are read when they are evaluated.
  int32_t* data() { return lines_.data()->value; }

 private:
  static constexpr int kLine = 16;
  struct alignas(64) Line {
    int32_t value[kLine] = {};
  };

  std::vector<Line> lines_;
};

}  // namespace nzip
