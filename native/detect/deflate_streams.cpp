#include "detect/deflate_streams.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "transforms/deflate/inflate.hpp"

namespace nzip {
namespace {

constexpr size_t kChunk = 1 << 16;  // what is looked at between two looks at the stop
constexpr uint8_t kDeflate = 8;     // the number of the method, in all three

// What the first byte of a header may be.
constexpr std::array<bool, 256> kMayBegin = [] {
  std::array<bool, 256> may{};
  for (size_t window = 0; window < 8; ++window) may[window << 4 | kDeflate] = true;
  may['P'] = may[0x1f] = true;
  return may;
}();

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
  if (data.size() < 8 || (256u * data[0] + data[1]) % 31 != 0 || (data[1] & kDictionary)) return std::nullopt;
  return 2;
}

}  // namespace

std::vector<size_t> find_deflate_streams(std::span<const uint8_t> plain, const Stop& stop) {
  std::vector<size_t> starts;
  for (size_t at = 0; at < plain.size(); ++at) {
    if (at % kChunk == 0) stop.check();
    if (!kMayBegin[plain[at]]) continue;
    const auto data = plain.subspan(at);
    const auto header = data[0] == 'P' ? behind_zip(data) : data[0] == 0x1f ? behind_gzip(data) : behind_zlib(data);
    if (!header || *header >= data.size()) continue;
    if (deflate::may_be_deflate(data.subspan(*header))) starts.push_back(at + *header);
  }
  std::sort(starts.begin(), starts.end());
  return starts;
}

}  // namespace nzip
