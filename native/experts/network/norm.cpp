#include "experts/network/norm.hpp"

#include <bit>

namespace nzip {

uint32_t square_root(uint64_t s) {
  if (s == 0) return 0;
  const int e = std::countl_zero(s) / 2;
  s <<= 2 * e;
  // Newton's method from above, so that it ends with the first step that does not fall. s is in [2^62, 2^64), and
  // (s / 2^31.5 + 2^31.5) / 2 is at most 7 % above its root.
  constexpr uint64_t kMiddle = 3037000500;
  uint64_t root = (s / kMiddle + kMiddle) / 2 + 1;
  for (;;) {
    const uint64_t next = (root + s / root) / 2;
    if (next >= root) return uint32_t(root >> e);
    root = next;
  }
}

NormFactor norm_factor(uint64_t squares, uint32_t scale) {
  const int e = std::countl_zero(squares) / 2;
  const uint64_t q = (uint64_t(scale) << 32) / square_root(squares << 2 * e);
  const int n = int(std::bit_width(q)) - 11;
  return {int32_t(q >> n), 48 - e - n};
}

}  // namespace nzip
