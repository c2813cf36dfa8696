// The transform of machine code: operands that say how far away a target is say instead where it is, so that all calls
// of one function look alike. docs/format/engine1.md specifies it.
#pragma once

#include <cstdint>
#include <span>

#include "base/segments.hpp"
#include "base/stop.hpp"

namespace nzip::engine1 {

// Transforms the executable segments of a block in place, and back.
void transform_code(std::span<uint8_t> block, std::span<const Segment> segments, const Stop& stop);
void restore_code(std::span<uint8_t> block, std::span<const Segment> segments, const Stop& stop);

}  // namespace nzip::engine1
