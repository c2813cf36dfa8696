// Where late jumps of machine code lead.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace nzip::engine1 {

class JumpTargets {
 public:
  static constexpr uint32_t kFar = 255;  // a distance that is not known, or not below

  uint32_t ahead[2] = {kFar, kFar};  // from a place to the two nearest targets behind it
  bool here = false;                 // the place is one itself
  uint32_t last = 0;                 // the last jump's

  void add(uint32_t where) { last = targets_[next_++ % kKept] = where; }

  void look_from(uint32_t place) {
    ahead[0] = ahead[1] = kFar;
    here = false;
    for (uint32_t each : targets_) {
      const uint32_t distance = each - place;
      here |= distance == 0;
      if (distance == 0 || distance >= kFar || distance == ahead[0]) continue;
      ahead[1] = std::min(ahead[1], std::max(ahead[0], distance));
      ahead[0] = std::min(ahead[0], distance);
    }
  }

  // Both, in a number.
  uint32_t near() const { return ahead[0] << 1 | uint32_t(here); }

 private:
  static constexpr uint32_t kKept = 16;
  std::array<uint32_t, kKept> targets_ = {};
  uint32_t next_ = 0;
};

}  // namespace nzip::engine1
