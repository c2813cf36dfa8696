#include "transforms/jpeg/prime.hpp"

#include <string_view>

#include "base/stop.hpp"
#include "coder/word_coder.hpp"
#include "transforms/jpeg/coefficients.hpp"

namespace nzip::jpeg {
namespace {

constexpr std::string_view kLines[] = {
#include "transforms/jpeg/prime.inc"
};

// Base 64 with the alphabet of RFC 4648.
std::vector<uint8_t> prime_bytes() {
  std::vector<uint8_t> bytes;
  uint32_t held = 0, count = 0;
  for (const std::string_view line : kLines)
    for (const char c : line) {
      const int digit = c >= 'a' ? c - 'a' + 26 : c >= 'A' ? c - 'A' : c >= '0' ? c - '0' + 52 : c == '+' ? 62 : 63;
      held = held << 6 | uint32_t(digit);
      if (count = (count + 6) % 8; count != 6) bytes.push_back(uint8_t(held >> count));
    }
  return bytes;
}

// The number of pictures; of each the size of its headers in two bytes, the high one first, and the headers; and the
// coefficients of all.
AllStatistics learn() {
  const std::vector<uint8_t> bytes = prime_bytes();
  const std::span<const uint8_t> all(bytes);
  std::vector<Structure> structures;
  size_t at = 1;
  for (int i = 0; i < all[0]; ++i) {
    const size_t size = size_t(all[at]) << 8 | all[at + 1];
    Structure& structure = structures.emplace_back(UINT64_MAX);
    size_t inside = 2;
    while (structure.next_scan(all.subspan(at + 2, size), inside)) continue;
    at += 2 + size;
  }
  AllStatistics statistics;
  WordDecoder coder(all.subspan(at));
  for (const Structure& structure : structures) {
    Picture picture(structure.frame().components.begin(), structure.frame().components.end());
    code_picture(coder, statistics, structure, picture, Stop());
  }
  for (Statistics& each : statistics) each.loosen();
  return statistics;
}

}  // namespace

const AllStatistics& primed_statistics() {
  static const AllStatistics primed = learn();
  return primed;
}

}  // namespace nzip::jpeg
