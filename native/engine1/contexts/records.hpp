// Contexts of records of one length: the column, and the records above.
#pragma once

#include <cstdint>
#include <tuple>

#include "engine1/contexts/bytes.hpp"
#include "engine1/neighbours.hpp"

namespace nzip::engine1::NZIP_ISA::contexts {

struct Records : View {
  Records(const LaneState& lane, const uint8_t* history, const uint16_t* followers)
      : View(lane, history, followers),
        up(record_byte(s, history, 1, 0)),
        up2(record_byte(s, history, 2, 0)),
        up3(record_byte(s, history, 3, 0)),
        left(record_byte(s, history, 1, -1)),
        right(record_byte(s, history, 1, 1)),
        so_far(mix(s.elements.at, s.elements.part)) {}
  uint64_t up, up2, up3;  // the bytes in the same column of the records above
  uint64_t left, right;   // the neighbours of the first one
  uint64_t so_far;        // the bytes of the element so far
};

inline constexpr auto kStrongRecordsRows = std::tuple_cat(
    pick<kOrderRows, "order 4", "order 3", "order 2", "order 6", "bytes 2 3">(),
    std::tuple{
        Row{"bytes 3 4", [](const View& v) { return mix(46, v.s.last_bytes(4) & 0xffff0000); }},
        Row{"above, order 1", [](const Records& r) { return mix(20, r.up << 8 | r.s.last(1)); }},
        Row{"above, column", [](const Records& r) { return mix(21, mix(r.up, r.s.column)); }},
        Row{"3 above", [](const Records& r) { return mix(22, r.left << 16 | r.right << 8 | r.up); }},
        Row{"2 records above, order 1",
            [](const Records& r) { return mix(23, r.up << 16 | r.up2 << 8 | r.s.last(1)); }},
        Row{"column, order 1", [](const Records& r) { return mix(24, mix(r.s.column, r.s.last(1))); }},
        Row{"above, order 2", [](const Records& r) { return mix(25, r.up << 16 | r.s.last_bytes(2)); }},
        Row{"column", [](const Records& r) { return mix(40, r.s.column); }},
        Row{"above, bits around",
            [](const Records& r) {
              return mix(41, (r.left & 7) << 16 | (r.right >> 4) << 24 | r.up << 8 | (r.s.last(1) & 15));
            }},
        Row{"column, line through 2 above",
            [](const Records& r) { return mix(42, mix(r.s.column, uint8_t(2 * r.up - r.up2))); }},
        Row{"plane through 3 around", [](const Records& r) { return mix(43, uint8_t(r.up + r.s.last(1) - r.left)); }},
        Row{"3 records above, bits around",
            [](const Records& r) {
              return mix(44, (r.s.last(1) & 3) << 28 | (r.left & 1) << 26 | (r.right >> 7) << 25 | r.up << 16 |
                                 r.up2 << 8 | r.up3);
            }},
        Row{"3 above, order 1",
            [](const Records& r) { return mix(45, r.left << 24 | r.up << 16 | r.right << 8 | r.s.last(1)); }},
        Row{"order 8", [](const View& v) { return mix(47, v.s.last_bytes(8)); }},
        Row{"bytes 2 3 4", [](const View& v) { return mix(48, v.s.last_bytes(4) & 0xffffff00); }},
    });

inline constexpr auto kElementRows = std::tuple{
    Row{"element so far", [](const Records& r) { return mix(400, r.so_far); }},
    Row{"element above", [](const Records& r) { return mix(401, mix(r.so_far, r.s.elements.above())); }},
    Row{"element 2 rows above", [](const Records& r) { return mix(402, mix(r.so_far, r.s.elements.above2())); }},
    Row{"element's expected byte, order 1",
        [](const Records& r) { return mix(403, mix(mix(r.s.elements.at, r.s.last(1)), r.s.elements.expected())); }},
};

inline constexpr auto kFullRecordsRows = std::tuple_cat(
    kStrongRecordsRows,
    std::tuple{
        Row{"order 7", [](const View& v) { return mix(90, v.s.last_bytes(7)); }},
    },
    kDistantRows, pick<kGeneralRows, "expected byte", "order 16", "expected byte, order 2", "bytes 1 4">(),
    kElementRows);

}  // namespace nzip::engine1::NZIP_ISA::contexts
