// Detection of UTF-16 text, which is coded as UTF-8 (nzip/transforms/utf16.py).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/stop.hpp"

namespace nzip {

enum TextWidth : uint32_t { kBytes = 0, kUtf16Little = 1, kUtf16Big = 2 };  // docs/format/transforms.md

struct TextPiece {
  uint32_t width;  // TextWidth
  uint64_t size;   // bytes
};

// What parts of a block are UTF-16, in order; the sizes sum to that of the block.
std::vector<TextPiece> find_utf16(std::span<const uint8_t> plain, const Stop& stop);

}  // namespace nzip
