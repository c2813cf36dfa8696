// Contexts of data of no known structure.
#pragma once

#include <cstdint>
#include <tuple>

#include "engine1/contexts/bytes.hpp"

namespace nzip::engine1::NZIP_ISA::contexts {

inline constexpr auto kBinaryRows = std::tuple{
    Row{"bytes 3 4", [](const View& v) { return mix(12, v.s.last_bytes(4) & 0xffff0000); }},
    Row{"bytes 1 3 5 6", [](const View& v) { return mix(13, v.s.last_bytes(6) & 0xffff00ff00ff); }},
    Row{"4 places, order 1", [](const View& v) { return mix(14, mix(v.s.position & 3, v.s.last(1))); }},
    Row{"order 2, classes", [](const View& v) { return mix(15, mix(v.s.classes & 0xffff0000, v.s.last_bytes(2))); }},
    Row{"byte 3, halves 1 2", [](const View& v) { return mix(50, v.s.last_bytes(3) & 0xfff0f0); }},
    Row{"bytes 2 4", [](const View& v) { return mix(51, v.s.last_bytes(4) & 0xff00ff00); }},
    Row{"bytes 1 3", [](const View& v) { return mix(52, v.s.last_bytes(3) & 0xff00ff); }},
    Row{"byte 5", [](const View& v) { return mix(53, v.s.last_bytes(5) & 0xff00000000); }},
    Row{"byte 4", [](const View& v) { return mix(54, v.s.last_bytes(4) & 0xff000000); }},
    Row{"byte 1, halves 2 3 4", [](const View& v) { return mix(55, v.s.last_bytes(4) & 0xf0f0f0ff); }},
    Row{"4 places, bytes 1 3",
        [](const View& v) { return mix(56, mix(v.s.position & 3, v.s.last_bytes(3) & 0xff00ff)); }},
    Row{"byte 3", [](const View& v) { return mix(57, v.s.last_bytes(3) & 0xff0000); }},
    Row{"8 classes", [](const View& v) { return mix(58, v.s.classes & 0xffffffff); }},
    Row{"bytes 2 3 4", [](const View& v) { return mix(59, v.s.last_bytes(4) & 0xffffff00); }},
};

inline constexpr auto kStrongBinaryRows = std::tuple_cat(kOrderRows, kBinaryRows);

inline constexpr auto kFullBinaryRows = std::tuple_cat(
    pick<kOrderRows, "order 4", "order 3", "order 2", "order 6", "bytes 2 3">(),
    std::tuple{
        Row{"4 places, the last 2", [](const View& v) { return mix(16, mix(v.s.position & 3, v.s.last_bytes(2))); }},
    },
    kBinaryRows,
    std::tuple{
        Row{"word", [](const View& v) { return mix(90, v.s.word + v.s.last(1)); }},
    },
    kDistantRows, kGeneralRows);

}  // namespace nzip::engine1::NZIP_ISA::contexts
