#include "transforms/jpeg/prediction.hpp"

#include <algorithm>

namespace nzip::jpeg {
namespace {

// 1024 times the values of the cosines at a block's first sample, that of frequency 0 being 1.
constexpr Line kEdgeCosines{{1024, 1420, 1338, 1204, 1024, 805, 554, 283}};
constexpr Line kTurns{{1, -1, 1, -1, 1, -1, 1, -1}};  // their signs at its last sample
constexpr Line kPlus{{1, 1, 1, 1, 1, 1, 1, 1}}, kMinus{{-1, -1, -1, -1, -1, -1, -1, -1}};

// 2048 times the cosines: row by frequency, column by sample; frequency 0 at 1 / sqrt(8), the others at 1 / 2.
constexpr Square kCosines = [] {
  constexpr int16_t kHalves[kSide][4] = {{724, 724, 724, 724},     {1004, 851, 569, 200},  {946, 392, -392, -946},
                                         {851, -200, -1004, -569}, {724, -724, -724, 724}, {569, -1004, 200, 851},
                                         {392, -946, 946, -392},   {200, -569, 851, -1004}};
  Square cosines{};
  for (size_t u = 0; u < kSide; ++u)
    for (size_t x = 0; x < 4; ++x) {
      cosines[u][x] = kHalves[u][x];
      cosines[u][7 - x] = int16_t(u % 2 ? -kHalves[u][x] : kHalves[u][x]);
    }
  return cosines;
}();
const Square kTurnedCosines = scalar_turned(kCosines);

}  // namespace

Square dequantised(const int16_t* block, const Quantisation& factors) {
  Square result;
  for (size_t y = 0; y < kSide; ++y)
    for (size_t x = 0; x < kSide; ++x) result[y][x] = int16_t(uint16_t(block[8 * y + x]) * factors[8 * y + x]);
  return result;
}

EdgePredictions predict_edges(const Square& here, const Square& above, const Square& left) {
  Square down, across;  // what goes on beyond the edge less what is here
  for (size_t y = 0; y < kSide; ++y) {
    down[y] = difference(above[y], y % 2 ? kMinus : kPlus, here[y]);
    across[y] = difference(left[y], kTurns, here[y]);
  }
  return {product(kEdgeCosines, down, 8), product(kEdgeCosines, turned(across), 8)};
}

Sides sides_of(const Square& block) {
  const Square samples = product(product(kTurnedCosines, block, 10), kCosines, 9), columns = turned(samples);
  return {{samples[0], samples[1]}, {samples[7], samples[6]}, {columns[0], columns[1]}, {columns[7], columns[6]}};
}

FirstPrediction predict_first(const Sides& sides, const Sides* above, const Sides* left, int factor) {
  if (!above && !left) return {0, 1 << 12, 0};
  int32_t least = INT32_MAX, most = INT32_MIN;
  std::array<int32_t, 2> sums{};
  const auto look = [&](const std::array<Line, 2>& before, const std::array<Line, 2>& here, size_t which) {
    for (size_t i = 0; i < kSide; ++i) {
      // Both sides go on as they did up to where they meet.
      const int32_t meet = (3 * (before[0][i] - here[0][i]) - before[1][i] + here[1][i]) >> 1;
      least = std::min(least, meet);
      most = std::max(most, meet);
      sums[which] += meet;
    }
  };
  if (above) look(above->bottom, sides.top, 0);
  if (left) look(left->right, sides.left, 1);
  const int32_t sum = sums[0] + sums[1], count = above && left ? 16 : 8;
  // A step of the first coefficient adds its factor, in eighths, to all samples.
  return {std::clamp(4 * sum / (count * factor), -8 * kMaxCoefficient, 8 * kMaxCoefficient), (most - least) / factor,
          above && left ? (sums[0] - sums[1]) / (8 * factor) : 0};
}

}  // namespace nzip::jpeg
