// Turning pairs of channels by a token's position.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace nzip::llama {

struct Turn {
  int32_t cosine, sine;  // in 2^-30
};

// Of all pairs of a head's channels; frequencies are in 2^-64 of a turn for each position.
void turns_at(std::span<const uint64_t> frequencies, uint64_t position, Turn* to);

// A head's channels, turned; below 2^32.
void turn(const int32_t* from, std::span<const Turn> turns, int64_t* to);

}  // namespace nzip::llama
