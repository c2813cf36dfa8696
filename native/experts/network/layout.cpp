#include "experts/network/layout.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "experts/network/features.hpp"
#include "experts/network/statistics.hpp"

namespace nzip {

namespace {

std::vector<TableShape> glr1_shapes(int d) {
  std::vector<TableShape> shapes(kGateTables, {256, 3 * d, 0, false, true});
  for (int rows : kResidualRows) shapes.push_back({rows, d, 0, false, false});
  return shapes;
}

std::vector<TableShape> glr2_shapes(int d) {
  std::vector<TableShape> shapes(glr2::kGateTables - 1, {256, 3 * d, 0, false, true});
  shapes.push_back({4 * 256 + 1, 3 * d, 0, true, true});
  const auto add = [&](int rows, int width, int first, bool named) {
    width = std::min(width, d);
    shapes.push_back({rows, width, std::min(first, d - width), named, false});
  };
  for (int rows : {256, 256, 256, 64, 256, 256}) add(rows, d, 0, false);
  constexpr int kHashed[glr2::kHashedTables][2] = {{96, 0},   {64, 96}, {64, 96}, {32, 160},
                                                   {64, 224}, {64, 0},  {48, 64}, {48, 112}};
  for (int k = 0; k < glr2::kHashedTables; ++k) add(1 << glr2::kHashedLog2[k], kHashed[k][0], kHashed[k][1], true);
  for (int k = 0; k < glr2::kContexts; ++k) {
    const bool narrow = k == glr2::kOrder1 || k == glr2::kSkip || k == glr2::kField;
    add(glr2::kFirstRows, narrow ? 128 : d, 0, true);
  }
  for (int k = 0; k < glr2::kContexts; ++k) add(glr2::kSecondRows, 128, 0, true);
  add(glr2::kMatchRows, d, 0, true);
  add(glr2::kLookaheadRows, 64, 128, true);
  add(glr2::kAgreementRows, d, 0, false);
  add(glr2::kExpectedRows, d, 0, true);
  return shapes;
}

}  // namespace

Architecture architecture_named(std::string_view name) {
  if (name == "glr1") return Architecture::kGlr1;
  if (name == "glr2") return Architecture::kGlr2;
  throw std::invalid_argument("no network has the architecture " + std::string(name));
}

std::vector<TableShape> table_shapes(Architecture architecture, int channels) {
  return architecture == Architecture::kGlr1 ? glr1_shapes(channels) : glr2_shapes(channels);
}

}  // namespace nzip
