// The rows of a PNG picture: each is a filter's number and the bytes of its pixels, filtered by it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/stop.hpp"

namespace nzip {

struct PngRows {
  std::vector<uint8_t> filters;  // one for each row
  std::vector<uint8_t> pixels;   // not filtered
};

// Rows of `row` bytes behind their filters, `pixel` bytes from one pixel to the next. Nothing where they are no such.
std::optional<PngRows> unfilter_png(std::span<const uint8_t> rows, size_t row, size_t pixel, const Stop& stop);

// The other way round. Nothing where there are not as many filters as rows, or others than there are.
std::optional<std::vector<uint8_t>> filter_png(std::span<const uint8_t> filters, std::span<const uint8_t> pixels,
                                               size_t pixel, const Stop& stop);

}  // namespace nzip
