// Finds the repeats that are taken out of a block, and tells how far one goes on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "transforms/repeats.hpp"

namespace nzip {

// Those that are long enough to be worth an entry, in order.
std::vector<Repeat> find_repeats(std::span<const uint8_t> plain, const Stop& stop);

// The shortest period that all of this has; 0 if it has none.
size_t find_period(std::span<const uint8_t> plain);

// How many of the first bytes of `more` go on with the repetition of `unit`.
size_t count_repeated(std::span<const uint8_t> unit, std::span<const uint8_t> more);

}  // namespace nzip
