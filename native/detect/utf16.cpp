#include "detect/utf16.hpp"

#include <array>
#include <cstddef>

namespace nzip {
namespace {

constexpr size_t kWindow = 4096;  // bytes that are judged at once
constexpr size_t kShortest = 64;  // of UTF-16 that are worth their place in the table of pieces

enum Sort : uint8_t { kOdd, kLetter, kBlank };

// By the high byte, for units whose low byte does not matter: what is written in words or in ideographs, and halves of
// rarer characters. Those below U+0100, of U+30xx and of U+FFxx are told apart below.
constexpr std::array<Sort, 256> kRow = [] {
  std::array<Sort, 256> row{};
  const auto fill = [&](int first, int last) {
    for (int i = first; i <= last; ++i) row[size_t(i)] = kLetter;
  };
  fill(0x01, 0x27);  // alphabets, marks, symbols
  fill(0x31, 0x9f);  // ideographs
  fill(0xac, 0xdf);  // hangul, surrogates
  return row;
}();

constexpr Sort sort_of(uint8_t high, uint8_t low) {
  switch (high) {
    case 0x00:
      return low == ' ' || low == '\t' || low == '\n'                 ? kBlank
             : low == '\r' || (low > ' ' && low < 127) || low >= 0xa0 ? kLetter
                                                                      : kOdd;
    case 0x30:
      return low < 3 ? kBlank : kLetter;
    case 0xfe:
      return low == 0xff ? kLetter : kOdd;  // the byte order mark
    case 0xff:
      return low == 0x0c ? kBlank : low < 0xef ? kLetter : kOdd;
    default:
      return kRow[high];
  }
}

// Hardly any unit is no character, and many part words or sentences: this tells UTF-16 from ASCII, whose pairs of
// letters are ideographs, and from numbers. high: where a unit's high byte stands.
bool is_utf16(std::span<const uint8_t> window, size_t high) {
  size_t count[3] = {};
  for (size_t i = 0; i + 1 < window.size(); i += 2) ++count[sort_of(window[i + high], window[i + 1 - high])];
  const size_t units = window.size() / 2;
  return count[kOdd] * 32 <= units && count[kBlank] * 64 >= units;
}

void append(std::vector<TextPiece>& pieces, uint32_t width, size_t size) {
  if (!pieces.empty() && pieces.back().width == width)
    pieces.back().size += size;
  else if (size > 0)
    pieces.push_back({width, size});
}

}  // namespace

std::vector<TextPiece> find_utf16(std::span<const uint8_t> plain, const Stop& stop) {
  std::vector<TextPiece> pieces;
  const size_t whole = plain.size() < kShortest ? 0 : plain.size() / 2 * 2;
  for (size_t at = 0; at < whole;) {
    stop.check();
    // The rest joins the last window.
    const size_t left = whole - at, size = left < 2 * kWindow ? left : kWindow;
    const auto window = plain.subspan(at, size);
    append(pieces, is_utf16(window, 1) ? kUtf16Little : is_utf16(window, 0) ? kUtf16Big : kBytes, size);
    at += size;
  }
  append(pieces, kBytes, plain.size() - whole);
  return pieces;
}

}  // namespace nzip
