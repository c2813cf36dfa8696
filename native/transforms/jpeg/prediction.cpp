#include "transforms/jpeg/prediction.hpp"

namespace nzip::jpeg {
namespace {

// 2048 times the cosines: row by frequency, column by sample of the first half; frequency 0 at 1 / sqrt(8), the others
// at 1 / 2. The second half mirrors the first, with the sign turned where the frequency is odd.
constexpr int32_t kCosines[8][4] = {{724, 724, 724, 724},     {1004, 851, 569, 200},  {946, 392, -392, -946},
                                    {851, -200, -1004, -569}, {724, -724, -724, 724}, {569, -1004, 200, 851},
                                    {392, -946, 946, -392},   {200, -569, 851, -1004}};

}  // namespace

Sides sides_of(const int16_t* block, const Quantisation& factors) {
  int32_t halves[2][4][8] = {};  // of even and odd frequencies down: by sample down, and frequency across
  for (size_t v = 0; v < 8; ++v) {
    int32_t line[8], any = 0;
    for (size_t u = 0; u < 8; ++u) {
      line[u] = u + v ? dequantised(block[8 * v + u], factors[8 * v + u]) : 0;
      any |= line[u];
    }
    if (!any) continue;
    for (size_t y = 0; y < 4; ++y)
      for (size_t u = 0; u < 8; ++u) halves[v % 2][y][u] += line[u] * kCosines[v][y];
  }
  int32_t samples[8][8];
  for (size_t y = 0; y < 8; ++y) {
    int32_t sums[2][4] = {};
    for (size_t u = 0; u < 8; ++u) {
      const int32_t even = halves[0][y < 4 ? y : 7 - y][u], odd = halves[1][y < 4 ? y : 7 - y][u];
      const int32_t whole = (y < 4 ? even + odd : even - odd) >> 10;
      for (size_t x = 0; x < 4; ++x) sums[u % 2][x] += whole * kCosines[u][x];
    }
    for (size_t x = 0; x < 4; ++x) {
      samples[y][x] = (sums[0][x] + sums[1][x]) >> 9;
      samples[y][7 - x] = (sums[0][x] - sums[1][x]) >> 9;
    }
  }
  Sides sides;
  for (size_t i = 0; i < 8; ++i)
    for (size_t depth = 0; depth < 2; ++depth) {
      sides.top[depth][i] = samples[depth][i];
      sides.bottom[depth][i] = samples[7 - depth][i];
      sides.left[depth][i] = samples[i][depth];
      sides.right[depth][i] = samples[i][7 - depth];
    }
  return sides;
}

FirstPrediction predict_first(const Sides& sides, const Sides* above, const Sides* left, int factor) {
  if (!above && !left) return {0, 1 << 12, 0};
  int32_t least = INT32_MAX, most = INT32_MIN, sum = 0;
  std::array<int32_t, 2> sums{};
  const auto look = [&](const std::array<Sides::Line, 2>& before, const std::array<Sides::Line, 2>& here,
                        size_t which) {
    for (size_t i = 0; i < 8; ++i) {
      // Both sides go on as they did up to where they meet.
      const int32_t meet = (3 * (before[0][i] - here[0][i]) - before[1][i] + here[1][i]) / 2;
      least = std::min(least, meet);
      most = std::max(most, meet);
      sums[which] += meet;
    }
  };
  if (above) look(above->bottom, sides.top, 0);
  if (left) look(left->right, sides.left, 1);
  sum = sums[0] + sums[1];
  const int32_t count = above && left ? 16 : 8;
  // A step of the first coefficient adds its factor, in eighths, to all samples.
  return {std::clamp(4 * sum / count / factor, -8 * kMaxCoefficient, 8 * kMaxCoefficient), (most - least) / factor,
          above && left ? (sums[0] - sums[1]) / 8 / factor : 0};
}

}  // namespace nzip::jpeg
