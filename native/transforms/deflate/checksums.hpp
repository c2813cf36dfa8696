// The checksums that stand behind deflate streams.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace nzip::deflate {

enum Trailer : uint8_t { kNoTrailer = 0, kAdler = 1, kCrcAndSize = 2 };  // as in zlib's format, and in gzip's
constexpr uint32_t kTrailers = 3;

// The bytes that stand behind a content.
std::vector<uint8_t> trailer_of(std::span<const uint8_t> content, Trailer kind);

}  // namespace nzip::deflate
