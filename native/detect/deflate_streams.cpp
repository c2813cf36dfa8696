#include "detect/deflate_streams.hpp"

#include <algorithm>
#include <optional>

#include "transforms/deflate/inflate.hpp"

namespace nzip {
namespace {

constexpr size_t kChunk = 1 << 16;  // what is looked at between two looks at the stop
constexpr size_t kGroup = 64;
constexpr uint8_t kDeflate = 8;  // the number of the method, in all three

// Whether a header may begin with these two bytes: those of zlib, the first one highest, are a multiple of 31.
bool may_begin(uint8_t first, uint8_t second) {
  constexpr uint16_t kInverse = 31711, kMost = 0xffff / 31;  // of 31: multiples become the smallest numbers
  const auto both = uint16_t(first << 8 | second);
  const bool is_zlib = ((first & 0x8f) == kDeflate) & (uint16_t(both * kInverse) <= kMost);
  return is_zlib | (both == 0x504b) | (both == 0x1f8b);
}

// Whether one may begin in a group of bytes; compilers make vectors of that.
bool any_may_begin(const uint8_t* group) {
  uint8_t any = 0;
  for (size_t i = 0; i < kGroup; ++i) any |= uint8_t(may_begin(group[i], group[i + 1]));
  return any != 0;
}

// Behind a number of bytes that end with 0; nothing where they do not end.
std::optional<size_t> behind_text(std::span<const uint8_t> data, size_t at) {
  const auto end = std::find(data.begin() + ptrdiff_t(std::min(at, data.size())), data.end(), uint8_t(0));
  if (end == data.end()) return std::nullopt;
  return size_t(end - data.begin()) + 1;
}

std::optional<size_t> behind_gzip(std::span<const uint8_t> data) {
  constexpr uint8_t kCheck = 2, kExtra = 4, kName = 8, kComment = 16, kReserved = 0xe0;
  if (data.size() < 18 || data[1] != 0x8b || data[2] != kDeflate || (data[3] & kReserved)) return std::nullopt;
  const uint8_t flags = data[3];
  std::optional<size_t> at = 10;
  if (flags & kExtra) *at += 2u + data[10] + 256u * data[11];
  if (flags & kName) at = behind_text(data, *at);
  if (at && (flags & kComment)) at = behind_text(data, *at);
  if (at && (flags & kCheck)) *at += 2;
  return at;
}

std::optional<size_t> behind_zip(std::span<const uint8_t> data) {
  if (data.size() < 30 || data[1] != 'K' || data[2] != 3 || data[3] != 4 || data[8] != kDeflate || data[9] != 0)
    return std::nullopt;
  return size_t(30) + data[26] + 256u * data[27] + data[28] + 256u * data[29];
}

std::optional<size_t> behind_zlib(std::span<const uint8_t> data) {
  constexpr uint8_t kDictionary = 0x20;
  if (data.size() < 8 || (data[1] & kDictionary)) return std::nullopt;
  return 2;
}

// Behind the header that may begin there; nothing where no stream does.
std::optional<size_t> behind_header(std::span<const uint8_t> data) {
  const auto header = data[0] == 'P' ? behind_zip(data) : data[0] == 0x1f ? behind_gzip(data) : behind_zlib(data);
  if (!header || *header >= data.size() || !deflate::may_be_deflate(data.subspan(*header))) return std::nullopt;
  return header;
}

}  // namespace

std::vector<size_t> find_deflate_streams(std::span<const uint8_t> plain, const Stop& stop) {
  std::vector<size_t> starts;
  for (size_t group = 0; group < plain.size(); group += kGroup) {
    if (group % kChunk == 0) stop.check();
    const bool is_whole = plain.size() - group > kGroup;
    if (is_whole && !any_may_begin(plain.data() + group)) continue;
    const size_t end = is_whole ? group + kGroup : plain.size() - 1;
    for (size_t at = group; at < end; ++at)
      if (may_begin(plain[at], plain[at + 1]))
        if (const auto header = behind_header(plain.subspan(at))) starts.push_back(at + *header);
  }
  std::sort(starts.begin(), starts.end());
  return starts;
}

}  // namespace nzip
