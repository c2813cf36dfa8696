// Context hashes: multiplication by odd constants, defined on values and not on memory, so byte order is fixed.
#pragma once

#include <cstdint>

namespace nzip {

constexpr uint64_t kHashA = 0x9e3779b97f4a7c15u, kHashB = 0xd6e8feb86659fd93u;

inline uint64_t mix(uint64_t a, uint64_t b) {
  const uint64_t h = (a + kHashA) * kHashB ^ (b + 0x2545f4914f6cdd1du) * kHashA;
  return h ^ h >> 29;
}

// The table key of one nibble in a context: part is 0 for the first nibble, 16 + the first nibble for the second.
inline uint64_t nibble_key(uint64_t context, uint32_t part) { return (context + part * kHashA) * kHashB; }

}  // namespace nzip
