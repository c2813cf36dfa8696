// Contexts of the last bytes, whatever these are: several kinds of data share them. Bytes are counted from the last.
#pragma once

#include <cstdint>
#include <tuple>

#include "engine1/contexts/rows.hpp"

namespace nzip::engine1::NZIP_ISA::contexts {

inline constexpr auto kOrderRows = std::tuple{
    Row{"order 4", [](const View& v) { return mix(1, v.s.last_bytes(4)); }},
    Row{"order 3", [](const View& v) { return mix(2, v.s.last_bytes(3)); }},
    Row{"order 2", [](const View& v) { return mix(3, v.s.last_bytes(2)); }},
    Row{"order 6", [](const View& v) { return mix(10, v.s.last_bytes(6)); }},
    Row{"bytes 2 3", [](const View& v) { return mix(11, v.s.last_bytes(3) & 0xffff00); }},
    Row{"order 5", [](const View& v) { return mix(16, v.s.last_bytes(5)); }},
};

// In the full set, where nothing says what the bytes are or they are records.
inline constexpr auto kDistantRows = std::tuple{
    Row{"order 1", [](const View& v) { return mix(91, v.s.last(1)); }},
    Row{"order 12", [](const View& v) { return mix(92, mix(v.s.last8, v.s.older8 & 0xffffffff)); }},
    Row{"byte 2", [](const View& v) { return mix(93, v.s.last_bytes(2) & 0xff00); }},
    Row{"bytes 3 6", [](const View& v) { return mix(94, v.s.last_bytes(6) & 0xff0000ff0000); }},
    Row{"bytes 4 8", [](const View& v) { return mix(95, v.s.last_bytes(8) & 0xff000000ff000000); }},
    Row{"byte 8", [](const View& v) { return mix(96, v.s.last_bytes(8) & 0xff00000000000000); }},
    Row{"16 places, order 1", [](const View& v) { return mix(97, mix(v.s.position & 15, v.s.last(1))); }},
};

// In the full set, for all but text.
inline constexpr auto kGeneralRows = std::tuple{
    Row{"expected byte", [](const View& v) { return mix(300, mix(v.s.expected << 8 | v.s.last(1), v.s.matched)); }},
    Row{"order 2 again", [](const View& v) { return mix(301, v.s.last_bytes(2)); }},
    Row{"order 5 again", [](const View& v) { return mix(302, v.s.last_bytes(5)); }},
    Row{"order 16", [](const View& v) { return mix(303, mix(v.s.last8, v.s.older8)); }},
    Row{"shape", [](const View& v) { return mix(304, v.s.shape & 0xffffffff); }},
    Row{"expected byte, order 2", [](const View& v) { return mix(305, mix(v.s.expected, v.s.last_bytes(2))); }},
    Row{"bytes 1 4", [](const View& v) { return mix(306, v.s.last_bytes(4) & 0xff0000ff); }},
    Row{"4 places, order 2", [](const View& v) { return mix(307, mix(v.s.last_bytes(2), v.s.position & 3)); }},
};

}  // namespace nzip::engine1::NZIP_ISA::contexts
