// The byte order of what is stored.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace nzip {

// Turns numbers of `width` bytes from the machine's order into little-endian, or back; on most machines that is
// nothing.
inline void to_little_endian(void* numbers, size_t bytes, size_t width) {
  if constexpr (std::endian::native == std::endian::little) return;
  uint8_t* const first = static_cast<uint8_t*>(numbers);
  for (size_t at = 0; at < bytes; at += width) std::reverse(first + at, first + at + width);
}

}  // namespace nzip
