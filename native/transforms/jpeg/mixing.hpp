// Bits, each predicted by four contexts whose opinions add up.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "transforms/jpeg/logistic.hpp"
#include "transforms/jpeg/opinions.hpp"

namespace nzip::jpeg {

// Where each context has the slots of a number's bits.
using Lines = std::array<Slot*, kContexts>;

// Codes a bit whose slots are `node` behind the starts of the lines.
template <class Coder>
[[gnu::always_inline]] inline int code_mixed(Coder& coder, int bit, const Lines& lines, uint32_t node) {
  Opinions opinions(lines[0][node], lines[1][node], lines[2][node], lines[3][node]);
  const uint32_t p = kLogistic.squash(std::clamp(opinions.sum() >> 4, -Logistic::kMost, Logistic::kMost));
  bit = coder.code(bit, p << 16);
  opinions.learn(((bit << 16) - bit - int(p)) >> 1);
  lines[0][node] = opinions.slot<0>();
  lines[1][node] = opinions.slot<1>();
  lines[2][node] = opinions.slot<2>();
  lines[3][node] = opinions.slot<3>();
  return bit;
}

// A bit that one context predicts alone: its probability in 22 bits.
struct Alone {
  uint32_t p = 1u << 21;

  template <class Coder>
  int code(Coder& coder, int bit) {
    bit = coder.code(bit, std::clamp(p >> 6, 64u, 65536u - 64) << 16);
    p = uint32_t(int32_t(p) + (((bit << 22) - bit - int32_t(p)) >> 6));
    return bit;
  }
};

}  // namespace nzip::jpeg
