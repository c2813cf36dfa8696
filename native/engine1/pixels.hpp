// The pixels around the next one of a bilevel raster: of its own row and of four rows above. Contexts of whole bytes
// see a pattern in eight positions; those that are centred over the pixel see it in one, and learn it so much sooner.
#pragma once

#include <cstdint>

#include "base/hash.hpp"
#include "engine1/lane_state.hpp"
#include "engine1/neighbours.hpp"

namespace nzip::engine1::NZIP_ISA {

class Pixels {
 public:
  static constexpr int kContexts = 8, kContextLog2 = 22;

  // Begins with the lane's next byte.
  void enter(const LaneState& s, const uint8_t* history) {
    own_ = s.last8;
    bit_ = 0;
    for (int k = 0; k < kRows; ++k) {
      above_[k] = 0;
      for (int right = -1; right <= 1; ++right)
        above_[k] = above_[k] << 8 | uint32_t(record_byte(s, history, uint32_t(k) + 1, right));
    }
  }

  void push(int y) {
    own_ = own_ << 1 | uint64_t(y);
    ++bit_;
  }

  // n pixels, an odd number up to 17, of the row that lies `rows` (1 to 4) above, centred over the next pixel.
  uint32_t above(int rows, int n) const { return above_[rows - 1] >> (15 - bit_ - n / 2) & ((1u << n) - 1); }
  // The last n pixels of its own row.
  uint32_t own(int n) const { return uint32_t(own_ & ((uint64_t(1) << n) - 1)); }

  // Contexts of the next pixel, from near to wide, in 22 bits.
  uint32_t context(int i) const {
    switch (i) {
      case 0:
        return own(4) << 8 | above(1, 5) << 3 | above(2, 3);
      case 1:
        return own(6) << 15 | above(1, 7) << 8 | above(2, 5) << 3 | above(3, 3);
      case 2:
        return hashed(mix(301, uint64_t(own(8)) << 23 | above(1, 11) << 12 | above(2, 7) << 5 | above(3, 5)));
      case 3:
        return hashed(mix(302, uint64_t(own(12)) << 31 | above(1, 15) << 16 | above(2, 9) << 7 | above(3, 7)));
      case 4:
        return own(2) << 12 | above(1, 3) << 9 | above(2, 3) << 6 | above(3, 3) << 3 | above(4, 3);
      case 5:
        return own(16) << 3 | above(1, 3);
      case 6:
        return own(3) << 16 | above(1, 9) << 7 | above(2, 7);
      default:
        return hashed(mix(303, uint64_t(own(20)) << 16 | above(1, 13) << 3 | above(2, 3)));
    }
  }

 private:
  static constexpr int kRows = 4;
  static uint32_t hashed(uint64_t h) { return uint32_t(h >> (64 - kContextLog2)); }

  uint64_t own_ = 0;            // the pixels coded before
  uint32_t above_[kRows] = {};  // of each row, the bytes around the one above
  int bit_ = 0;                 // of the next pixel in its byte
};

}  // namespace nzip::engine1::NZIP_ISA
