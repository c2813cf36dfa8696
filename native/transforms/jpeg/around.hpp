// What the blocks around one have where it has a coefficient.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "transforms/jpeg/structure.hpp"

namespace nzip::jpeg {

// The blocks that were coded before, null for none of them: what lies outside the picture is like what lies inside.
struct Neighbours {
  const int16_t *left, *up, *corner, *right, *left2, *up2;
};

// Of each coefficient of a block, sums of magnitudes.
struct Around {
  // Behind what belongs to a block, what is added there counts for nothing.
  static constexpr size_t kRoom = kBlock + 24;

  std::array<uint16_t, kBlock> mean;  // of it in the blocks around, in quarters
  std::array<uint16_t, kBlock> wide;  // the same with those further away, in sixteenths or so
  std::array<uint16_t, kRoom> near;   // of those beside it
  uint32_t energy;                    // of all on the left and above, but the first nine

  void look(const Neighbours& blocks) {
    std::array<uint16_t, kRoom> both{};
    for (size_t at = 0; at < kBlock; ++at) {
      const auto corner = magnitude(blocks.corner[at]);
      both[at] = uint16_t(magnitude(blocks.left[at]) + magnitude(blocks.up[at]));
      mean[at] = uint16_t(uint16_t(13 * both[at] + 6 * corner) >> 3);
      wide[at] = uint16_t(4 * both[at] + 2 * (corner + magnitude(blocks.right[at])) + magnitude(blocks.left2[at]) +
                          magnitude(blocks.up2[at]));
    }
    near.fill(0);
    for (size_t at = 0; at < kBlock; ++at) near[at] = uint16_t((both[at + 1] & kNotLast[at]) + both[at + 8]);
    energy = 0;
    for (size_t at = 9; at < kBlock; ++at) energy += both[at];
  }
  // A coefficient of the block has become known: those beside it are told.
  void add(size_t at, uint32_t size) {
    const auto once = uint16_t(size), twice = uint16_t(2 * size);
    near[at + 1] += twice;
    near[at + 8] += twice;
    near[at + 2] += once & kNotLast[at];
    near[at + 9] += once;
    near[at + 16] += once;
    near[at + 7] += once;
    near[at - 7] += once;
  }

 private:
  static uint16_t magnitude(int16_t value) { return uint16_t(value < 0 ? -value : value); }

  // Of all columns but the last one, whose coefficients are followed by the next row.
  static constexpr std::array<uint16_t, kBlock> kNotLast = [] {
    std::array<uint16_t, kBlock> masks{};
    for (size_t at = 0; at < kBlock; ++at) masks[at] = at % 8 < 7 ? 0xffff : 0;
    return masks;
  }();
};

}  // namespace nzip::jpeg
