#include "transforms/deflate/checksums.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/byte_order.hpp"

namespace nzip::deflate {
namespace {

uint32_t adler32(std::span<const uint8_t> data) {
  constexpr uint32_t kModulus = 65521;
  constexpr size_t kGroup = 32, kAtOnce = 5536;  // nearly the most bytes before sums pass 2^32, in whole groups
  uint32_t a = 1, b = 0;
  while (!data.empty()) {
    const size_t count = std::min(kAtOnce, data.size());
    size_t at = 0;
    for (; at + kGroup <= count; at += kGroup) {
      uint32_t sum = 0, weighted = 0;
      for (uint32_t i = 0; i < kGroup; ++i) {
        sum += data[at + i];
        weighted += (kGroup - i) * data[at + i];
      }
      b += kGroup * a + weighted;
      a += sum;
    }
    for (; at < count; ++at) b += a += data[at];
    a %= kModulus;
    b %= kModulus;
    data = data.subspan(count);
  }
  return b << 16 | a;
}

// What a byte becomes with so many bytes of zeros behind it.
constexpr std::array<std::array<uint32_t, 256>, 8> kCrc = [] {
  std::array<std::array<uint32_t, 256>, 8> tables{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = value & 1 ? 0xedb88320u ^ value >> 1 : value >> 1;
    tables[0][i] = value;
  }
  for (size_t zeros = 1; zeros < 8; ++zeros)
    for (size_t i = 0; i < 256; ++i) {
      const uint32_t value = tables[zeros - 1][i];
      tables[zeros][i] = tables[0][value & 0xff] ^ value >> 8;
    }
  return tables;
}();

uint32_t crc32(std::span<const uint8_t> data) {
  uint32_t crc = ~uint32_t(0);
  for (; data.size() >= 8; data = data.subspan(8)) {
    uint64_t eight;
    std::memcpy(&eight, data.data(), 8);
    to_little_endian(&eight, 8, 8);
    eight ^= crc;
    crc = 0;
    for (size_t i = 0; i < 8; ++i) crc ^= kCrc[7 - i][eight >> 8 * i & 0xff];
  }
  for (const uint8_t byte : data) crc = kCrc[0][(crc ^ byte) & 0xff] ^ crc >> 8;
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
