// Arrays of numbers as coded bytes, and back: engine 2, revision 1. docs/format/arrays.md specifies the bytes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "arrays/bits.hpp"
#include "base/stop.hpp"

namespace nzip::arrays {

// A stretch of the plaintext.
struct Array {
  uint32_t type;  // of its elements, a known one
  size_t size;    // bytes
  // What an earlier file has in its place: as many bytes, or none.
  std::span<const uint8_t> earlier = {};
};

// What becomes of a block, which its arrays are all of. Throws Stopped.
std::vector<uint8_t> encode(std::span<const uint8_t> plain, std::span<const Array> arrays, const Stop& stop);

// Fills the block. Throws Damaged and Stopped.
void decode(std::span<const uint8_t> coded, std::span<const Array> arrays, std::span<uint8_t> plain, const Stop& stop);

// Bytes that an array, of a few thousand elements at least, will take, roughly.
size_t estimate(std::span<const uint8_t> plain, std::span<const uint8_t> earlier, uint32_t type);

// What decoding takes at most, beside the coded bytes and the plaintext.
constexpr uint64_t kDecodingMemory = 16 << 20;

}  // namespace nzip::arrays
