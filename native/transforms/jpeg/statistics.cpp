#include "transforms/jpeg/statistics.hpp"

#include <algorithm>

namespace nzip::jpeg {

Statistics::Statistics() {
  for (size_t number = 0; number < kNumbers; ++number) {
    const Shape& shape = kShapes[number];
    for (size_t i = 0; i < kContexts; ++i) slots_[number][i].assign(size_t(shape.values[i]) * shape.nodes, kNewSlot);
    mixers_[number].resize(shape.nodes);
  }
  for (auto& sizes : low_bits_)
    for (auto& places : sizes) places.fill(kNewSlot);
  inner_signs_.fill(kNewSlot);
}

void Statistics::loosen() {
  constexpr uint32_t kMost = 10;
  for (auto& contexts : slots_)
    for (auto& slots : contexts)
      for (Slot& slot : slots) slot = (slot & ~1023u) | std::min(slot & 1023u, kMost);
}

}  // namespace nzip::jpeg
