// Arrays of numbers as coded bytes, and back: engine 2, revision 1. docs/format/arrays.md specifies the bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "arrays/bits.hpp"
#include "base/segments.hpp"
#include "base/stop.hpp"

namespace nzip::arrays {

// The parameters of all segments must be types. Throws Stopped.
std::vector<uint8_t> encode(std::span<const uint8_t> plain, std::span<const Segment> segments, const Stop& stop);

// Fills plain, whose segments' parameters are types. Throws Damaged and Stopped.
void decode(std::span<const uint8_t> coded, std::span<const Segment> segments, std::span<uint8_t> plain,
            const Stop& stop);

// Bytes that an array of this type, of a few thousand elements at least, will take, roughly.
size_t estimate(std::span<const uint8_t> plain, uint32_t type);

// What decoding takes at most, beside the coded bytes and the plaintext.
constexpr uint64_t kDecodingMemory = 16 << 20;

}  // namespace nzip::arrays
