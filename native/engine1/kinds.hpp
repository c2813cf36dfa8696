// The kinds of segments that this engine predicts.
#pragma once

#include <cstdint>

#include "base/segments.hpp"

namespace nzip::engine1 {

constexpr uint32_t kModelledKinds = kPacked;  // the kinds that are predicted come first

}  // namespace nzip::engine1
