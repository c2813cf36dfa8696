// The input tables of the networks that there are: what shape each has, and where its rows are added.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace nzip {

enum class Architecture { kGlr1, kGlr2 };  // what a network sees; docs/model.md specifies both

// Throws std::invalid_argument where there is none of that name.
Architecture architecture_named(std::string_view name);

constexpr int kMaxInputTables = 43;

// A table of values of 8 bits, or of 4 that name one of fifteen levels. A row is added to the channels from `first` on,
// of the first layer's gates or of the residual stream.
struct TableShape {
  int rows, width, first;
  bool named, gates;

  uint64_t row_bytes() const { return uint64_t(width) / (named ? 2 : 1); }
};

// In the order of the rows of inputs: first all tables of the gates, then those of the residual stream.
std::vector<TableShape> table_shapes(Architecture architecture, int channels);

// Of the values of 4 bits, by their low three bits; the fourth is the sign.
constexpr int8_t kLevels[8] = {0, 2, 5, 9, 14, 20, 28, 40};

}  // namespace nzip
