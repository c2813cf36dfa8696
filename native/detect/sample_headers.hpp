// What the headers of common files say of the numbers behind them. They may lie: what they say is only tried.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string_view>

#include "detect/samples.hpp"

namespace nzip {

class SampleHeader {
 public:
  struct Says {
    FoundSamples found;
    uint64_t size;  // bytes of all the numbers
  };

  static std::optional<Says> read(std::span<const uint8_t> file) {
    const SampleHeader h(file);
    for (const auto reader : {&SampleHeader::wav, &SampleHeader::bmp, &SampleHeader::pnm, &SampleHeader::npy,
                              &SampleHeader::fits, &SampleHeader::dicom, &SampleHeader::tga})
      if (const auto says = (h.*reader)(); says && says->found.skip < file.size()) return says;
    return std::nullopt;
  }

 private:
  static constexpr uint64_t kMostSize = uint64_t(1) << 31;  // where a header does not say or the number is too large
  using Maybe = std::optional<Says>;

  explicit SampleHeader(std::span<const uint8_t> file)
      : file_(file), text_(reinterpret_cast<const char*>(file.data()), std::min<size_t>(file.size(), 1 << 16)) {}

  // A little-endian number, 0 behind the end.
  uint32_t number(size_t at, int bytes) const {
    uint32_t v = 0;
    for (int i = 0; i < bytes; ++i) v |= at + size_t(i) < file_.size() ? uint32_t(file_[at + size_t(i)]) << 8 * i : 0;
    return v;
  }
  bool has(size_t at, std::string_view what) const {
    return at < text_.size() && text_.substr(at, what.size()) == what;
  }
  // A decimal number at or behind `at`, which then stands behind it; 0 where there is none.
  uint32_t decimal(size_t& at) const {
    while (at < text_.size() && (text_[at] < '0' || text_[at] > '9')) ++at;
    uint64_t v = 0;
    for (; at < text_.size() && text_[at] >= '0' && text_[at] <= '9'; ++at)
      v = std::min<uint64_t>(v * 10 + uint64_t(text_[at] - '0'), 1u << 30);
    return uint32_t(v);
  }
  static Maybe layout(uint64_t width, bool big_endian, uint32_t numbers, uint64_t channels, uint64_t row, size_t skip,
                      uint64_t size) {
    if ((width != 1 && width != 2 && width != 4 && width != 8) || channels < 1 || channels > 16) return std::nullopt;
    if (row > SampleLayout::kMostRow) return std::nullopt;
    return Says{{{uint32_t(width), big_endian && width > 1, numbers, uint32_t(channels), uint32_t(row)}, skip}, size};
  }

  Maybe wav() const {
    if (!has(0, "RIFF") || !has(8, "WAVE")) return std::nullopt;
    uint32_t format = 0, channels = 0, bits = 0;
    for (uint64_t at = 12; at + 8 < text_.size(); at += 8 + uint64_t(number(size_t(at) + 4, 4))) {
      if (has(at, "fmt ")) format = number(at + 8, 2), channels = number(at + 10, 2), bits = number(at + 22, 2);
      if (has(at, "data"))
        return layout(bits / 8, false,
                      format == 3 ? SampleLayout::kFloat
                      : bits == 8 ? SampleLayout::kUnsigned
                                  : SampleLayout::kSigned,
                      channels, 0, at + 8, number(at + 4, 4));
    }
    return std::nullopt;
  }

  Maybe bmp() const {
    if (!has(0, "BM") || number(30, 4) != 0) return std::nullopt;
    const uint64_t width = number(18, 4), bits = number(28, 2);
    if (bits < 8 || bits == 16) return std::nullopt;
    const uint64_t row = (width * bits + 31) / 32 * 4, rows = uint64_t(std::abs(int64_t(int32_t(number(22, 4)))));
    return layout(1, false, SampleLayout::kUnsigned, bits / 8, row, number(10, 4), row * rows);
  }

  Maybe pnm() const {
    if (!has(0, "P5") && !has(0, "P6")) return std::nullopt;
    size_t at = 2;
    uint64_t number[3];
    for (uint64_t& n : number) {
      while (at < text_.size() && (text_[at] == ' ' || text_[at] == '\n' || text_[at] == '\r' || text_[at] == '\t'))
        ++at;
      while (at < text_.size() && text_[at] == '#') {
        while (at < text_.size() && text_[at] != '\n') ++at;
        ++at;
      }
      n = decimal(at);
    }
    const uint64_t width = number[2] > 255 ? 2 : 1, channels = has(0, "P6") ? 3 : 1;
    const uint64_t row = number[0] * width * channels;
    return layout(width, true, SampleLayout::kUnsigned, channels, row, at + 1, row * number[1]);
  }

  Maybe tga() const {
    const uint32_t colours = number(1, 1), kind = number(2, 1), bits = number(16, 1), width = number(12, 2);
    const size_t skip = 18 + number(0, 1);
    if (colours != 0 || !((kind == 2 && (bits == 24 || bits == 32)) || (kind == 3 && bits == 8))) return std::nullopt;
    if (width == 0 || number(14, 2) == 0) return std::nullopt;
    return layout(1, false, SampleLayout::kUnsigned, bits / 8, uint64_t(width) * bits / 8, skip,
                  uint64_t(width) * bits / 8 * number(14, 2));
  }

  Maybe npy() const {
    if (!has(0, "\x93NUMPY")) return std::nullopt;
    const size_t begin = number(6, 1) == 1 ? 10 : 12, skip = begin + number(8, begin == 10 ? 2 : 4);
    const size_t type = text_.find("'descr': '"), shape = text_.find("'shape': (");
    if (type == text_.npos || shape == text_.npos) return std::nullopt;
    const char order = text_.size() > type + 12 ? text_[type + 10] : '|',
               letter = text_.size() > type + 12 ? text_[type + 11] : ' ';
    size_t at = type + 12;
    const uint64_t width = decimal(at);
    uint64_t dims[8] = {};
    size_t n = 0;
    at = shape;
    const size_t end = std::min(text_.find(')', shape), text_.size());
    while (n < 8 && at < end) {
      const uint32_t v = decimal(at);
      if (at <= end && v) dims[n++] = v;
    }
    const uint32_t numbers = letter == 'f'   ? SampleLayout::kFloat
                             : letter == 'i' ? SampleLayout::kSigned
                                             : SampleLayout::kUnsigned;
    const uint64_t channels = n >= 2 && dims[n - 1] <= 4 ? dims[n - 1] : 1;
    const uint64_t row = n < 2 ? 0 : channels == 1 ? dims[n - 1] * width : n < 3 ? 0 : dims[n - 2] * channels * width;
    uint64_t size = width;
    for (size_t i = 0; i < n; ++i) size = std::min(size * dims[i], kMostSize);
    return layout(width, order == '>', numbers, channels, row, skip, size);
  }

  Maybe fits() const {
    if (!has(0, "SIMPLE  =")) return std::nullopt;
    const auto card = [&](std::string_view name) -> int {
      for (size_t at = 0; at + 80 <= text_.size(); at += 80) {
        if (has(at, "END     ")) break;
        if (!has(at, name)) continue;
        size_t value = at + 9;
        const int v = int(decimal(value));
        return value > at + 80 ? 0 : text_.substr(at, value - at).find('-') == text_.npos ? v : -v;
      }
      return 0;
    };
    size_t end = 0;
    while (end < text_.size() && !has(end, "END     ")) end += 80;
    const int bits = card("BITPIX"), across = card("NAXIS1");
    const uint64_t width = uint64_t(bits < 0 ? -bits : bits) / 8;
    return layout(width, true,
                  bits < 0     ? SampleLayout::kFloat
                  : width == 1 ? SampleLayout::kUnsigned
                               : SampleLayout::kSigned,
                  1, card("NAXIS") > 1 ? uint64_t(across < 0 ? 0 : across) * width : 0, (end / 2880 + 1) * 2880,
                  kMostSize);
  }

  // The pixel data's element, and before it the columns and the bits of a pixel; little-endian.
  Maybe dicom() const {
    if (!has(128, "DICM") && !has(0, std::string_view("\x08\0", 2))) return std::nullopt;
    const size_t pixels = text_.find(std::string_view("\xe0\x7f\x10\0", 4));
    const auto element = [&](std::string_view tag) -> uint32_t {
      const size_t at = text_.substr(0, std::min(pixels, text_.size())).find(tag);
      return at == text_.npos ? 0 : number(at + 8, 2);
    };
    if (pixels == text_.npos) return std::nullopt;
    const uint64_t columns = element(std::string_view("\x28\0\x11\0", 4)),
                   bits = element(std::string_view("\x28\0\0\1", 4));
    const uint64_t channels = std::max(1u, element(std::string_view("\x28\0\2\0", 4)));
    const bool is_signed = element(std::string_view("\x28\0\3\1", 4)) == 1, explicit_kind = has(pixels + 4, "O");
    return layout(bits / 8, false, is_signed ? SampleLayout::kSigned : SampleLayout::kUnsigned, channels,
                  columns * channels * bits / 8, pixels + (explicit_kind ? 12 : 8),
                  number(pixels + (explicit_kind ? 8 : 4), 4));
  }

  std::span<const uint8_t> file_;
  std::string_view text_;
};

}  // namespace nzip
