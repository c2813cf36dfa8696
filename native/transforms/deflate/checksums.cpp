#include "transforms/deflate/checksums.hpp"

#include <algorithm>
#include <array>

namespace nzip::deflate {
namespace {

uint32_t adler32(std::span<const uint8_t> data) {
  constexpr uint32_t kModulus = 65521;
  constexpr size_t kAtOnce = 5552;  // the most bytes before sums pass 2^32
  uint32_t a = 1, b = 0;
  while (!data.empty()) {
    const size_t count = std::min(kAtOnce, data.size());
    for (const uint8_t byte : data.first(count)) b += a += byte;
    a %= kModulus;
    b %= kModulus;
    data = data.subspan(count);
  }
  return b << 16 | a;
}

constexpr std::array<uint32_t, 256> kCrc = [] {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = value & 1 ? 0xedb88320u ^ value >> 1 : value >> 1;
    table[i] = value;
  }
  return table;
}();

uint32_t crc32(std::span<const uint8_t> data) {
  uint32_t crc = ~uint32_t(0);
  for (const uint8_t byte : data) crc = kCrc[(crc ^ byte) & 0xff] ^ crc >> 8;
  return ~crc;
}

void put(uint32_t value, bool big_endian, std::vector<uint8_t>& out) {
  for (int i = 0; i < 4; ++i) out.push_back(uint8_t(value >> 8 * (big_endian ? 3 - i : i)));
}

}  // namespace

std::vector<uint8_t> trailer_of(std::span<const uint8_t> content, Trailer kind) {
  std::vector<uint8_t> bytes;
  if (kind == kAdler) put(adler32(content), true, bytes);
  if (kind == kCrcAndSize) {
    put(crc32(content), false, bytes);
    put(uint32_t(content.size()), false, bytes);
  }
  return bytes;
}

}  // namespace nzip::deflate
