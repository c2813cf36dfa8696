// How much files have in common, so that those that are alike can share a block (nzip/archive/order.py).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace nzip {

constexpr int kSketchSlots = 32;

// For each of several hash functions the least of the hashes of a text's shingles, of which a few bits will do
// (MinHash: Broder 1997). Two texts have about as large a part of these in common as of their shingles.
using Sketch = std::array<uint16_t, kSketchSlots>;

Sketch sketch_of(std::span<const uint8_t> head);

// The numbers of all sketches: 0, then always that of the one most like the last; the first of equals.
std::vector<uint32_t> chain(std::span<const Sketch> sketches);

}  // namespace nzip
