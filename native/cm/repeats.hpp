// Stretches of one byte or of a short unit, which are taken out of a block (nzip/pipeline/repeats.py).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace nzip {

// So many bytes behind a gap, each of which equals the byte a period before it.
struct Repeat {
  uint64_t gap;  // bytes between the repeat before, or the block's start, and this one
  uint64_t size;
  uint64_t period;
};

// Those that are long enough to be worth an entry, in order.
std::vector<Repeat> find_repeats(std::span<const uint8_t> plain);

// The shortest period that all of this has; 0 if it has none.
size_t find_period(std::span<const uint8_t> plain);

// How many of the first bytes of `more` go on with the repetition of `unit`.
size_t count_repeated(std::span<const uint8_t> unit, std::span<const uint8_t> more);

// Fills `plain` from the bytes between the repeats. False where these do not fit it.
bool restore_repeats(std::span<const uint8_t> rest, std::span<const Repeat> repeats, std::span<uint8_t> plain);

}  // namespace nzip
