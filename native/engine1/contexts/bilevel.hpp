// Contexts of bilevel rasters: the pixels around, to the left and above.
#pragma once

#include <cstdint>
#include <tuple>

#include "engine1/contexts/bytes.hpp"
#include "engine1/neighbours.hpp"

namespace nzip::engine1::NZIP_ISA::contexts {

// The bytes around the next one: the byte to the left and, n rows above, its neighbours.
struct Bilevel : View {
  Bilevel(const LaneState& lane, const uint8_t* history, const uint16_t* followers)
      : View(lane, history, followers),
        left(s.last(1)),
        up(record_byte(s, history, 1, 0)),
        up_left(record_byte(s, history, 1, -1)),
        up_right(record_byte(s, history, 1, 1)),
        up2(record_byte(s, history, 2, 0)),
        up2_left(record_byte(s, history, 2, -1)),
        up2_right(record_byte(s, history, 2, 1)),
        up3(record_byte(s, history, 3, 0)),
        up4(record_byte(s, history, 4, 0)),
        up_row(up_left << 16 | up << 8 | up_right),
        up2_row(up2_left << 16 | up2 << 8 | up2_right) {}
  uint64_t left, up, up_left, up_right, up2, up2_left, up2_right, up3, up4;
  uint64_t up_row, up2_row;  // three bytes each

  // The pixels nearest to the byte: the byte above, `side` of each neighbour's in its own row and `corner` of each in
  // the row above.
  uint64_t near(int side, int corner) const {
    const uint64_t mask = (1u << corner) - 1;
    return up | (left & ((1u << side) - 1)) << 8 | (up_left & mask) << 16 | (up_right >> (8 - corner)) << 24;
  }
};

// Named by what is near: the pixels of a side and of a corner, and how many rows there are further up.
inline constexpr auto kNearRows = std::tuple{
    Row{"3 and 2 near", [](const Bilevel& b) { return mix(71, b.near(3, 2)); }},
    Row{"2 and 1 near, 1 further", [](const Bilevel& b) { return mix(72, b.near(2, 1) << 8 | b.up2); }},
    Row{"8 and 0 near", [](const Bilevel& b) { return mix(73, b.near(8, 0)); }},
    Row{"4 and 4 near", [](const Bilevel& b) { return mix(74, b.near(4, 4)); }},
    Row{"3 and 2 near, 1 further", [](const Bilevel& b) { return mix(75, b.near(3, 2) << 8 | b.up2); }},
    Row{"1 and 1 near, 2 further", [](const Bilevel& b) { return mix(76, b.near(1, 1) << 16 | b.up2 << 8 | b.up3); }},
    Row{"4 and 2 near, 2 further", [](const Bilevel& b) { return mix(77, b.near(4, 2) << 16 | b.up2 << 8 | b.up3); }},
    Row{"8 and 0 near, 1 further", [](const Bilevel& b) { return mix(78, b.near(8, 0) << 8 | b.up2); }},
    Row{"2 and 3 near, 1 wide one further",
        [](const Bilevel& b) {
          return mix(79, b.near(2, 3) << 16 | (b.up2_left & 3) << 10 | (b.up2_right >> 6) << 8 | b.up2);
        }},
    Row{"8 and 8 near", [](const Bilevel& b) { return mix(80, b.near(8, 8)); }},
    Row{"3 to the left, 2 further", [](const Bilevel& b) { return mix(81, (b.up2 << 8 | b.up3) << 8 | (b.left & 7)); }},
    Row{"above, order 2", [](const Bilevel& b) { return mix(82, b.near(0, 0) << 16 | b.s.last_bytes(2)); }},
    Row{"8 and 8 near, 1 further", [](const Bilevel& b) { return mix(83, b.near(8, 8) << 8 | b.up2); }},
    Row{"what changed above", [](const Bilevel& b) { return mix(84, (b.up ^ b.up2) << 8 | (b.left & 15)); }},
};

inline constexpr auto kStrongBilevelRows =
    std::tuple_cat(pick<kOrderRows, "order 4">(),
                   std::tuple{
                       Row{"above", [](const Bilevel& b) { return mix(70, b.up); }},
                   },
                   pick<kOrderRows, "order 2", "order 6", "bytes 2 3", "order 5">(), kNearRows);

inline constexpr auto kFullBilevelRows = std::tuple_cat(
    kStrongBilevelRows,
    std::tuple{
        Row{"5 and 5 near, 1 further", [](const Bilevel& b) { return mix(90, b.near(5, 5) << 8 | b.up2); }},
        Row{"4 to the left, 2 wide ones",
            [](const Bilevel& b) { return mix(91, mix(b.up_row, b.up2_row) + (b.left & 15)); }},
        Row{"12 to the left, 12 above",
            [](const Bilevel& b) { return mix(92, mix(b.s.last_bytes(2) & 0xfff, b.up << 4 | b.up_right >> 4)); }},
        Row{"order 3, wide one", [](const Bilevel& b) { return mix(93, mix(b.s.last_bytes(3), b.up_row)); }},
        Row{"4 and 4 near, 12 further",
            [](const Bilevel& b) { return mix(94, mix(b.near(4, 4), b.up2 << 4 | b.up2_right >> 4)); }},
        Row{"wide one, 2 further, order 1",
            [](const Bilevel& b) { return mix(95, mix(mix(b.up_row, b.up2), b.up3 << 8 | b.left)); }},
        Row{"above, column", [](const Bilevel& b) { return mix(96, mix(b.s.column, b.up)); }},
        Row{"3 and 3 near, 3 further",
            [](const Bilevel& b) { return mix(97, mix(b.near(3, 3), mix(b.up2, b.up3) + b.up4)); }},
    },
    kGeneralRows);

}  // namespace nzip::engine1::NZIP_ISA::contexts
