// What the neighbours of a block say of its first coefficients: pictures are smooth where blocks meet.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "transforms/jpeg/structure.hpp"

namespace nzip::jpeg {

using Quantisation = std::array<uint16_t, kBlock>;

// 1024 times the values of the cosines at a block's first sample, that of frequency 0 being 1.
inline constexpr std::array<int32_t, 8> kEdgeCosines{1024, 1420, 1338, 1204, 1024, 805, 554, 283};

inline int32_t dequantised(int16_t coefficient, uint16_t factor) {
  return std::clamp<int32_t>(coefficient * factor, -16383, 16383);
}

// Quarters of steps of the coefficient at `at`, the first of a line of 8 coefficients, `step` apart, in a block: what
// makes the block meet the one before it along this line. The other coefficients of the line are known.
inline int predict_edge(const int16_t* block, const int16_t* before, const Quantisation& factors, size_t at,
                        size_t step) {
  int32_t sum = 0;
  for (size_t i = 0; i < 8; ++i) {
    const size_t here = at + i * step;
    const int32_t there = dequantised(before[here], factors[here]);
    sum += kEdgeCosines[i] * ((i % 2 ? -there : there) - (i ? dequantised(block[here], factors[here]) : 0));
  }
  return std::clamp(sum / (256 * factors[at]), -4 * kMaxCoefficient, 4 * kMaxCoefficient);
}

// The samples along a block's four sides, two deep, 8 times as large as samples are.
struct Sides {
  using Line = std::array<int32_t, 8>;
  std::array<Line, 2> top{}, bottom{}, left{}, right{};  // the outer line first

  // Adds the first coefficient to the sides that later blocks meet.
  void raise(int32_t by) {
    for (auto* side : {&bottom, &right})
      for (Line& line : *side)
        for (int32_t& sample : line) sample += by;
  }
};

// Without the first coefficient.
Sides sides_of(const int16_t* block, const Quantisation& factors);

struct FirstPrediction {
  int value;   // of the first coefficient, in quarters of its steps
  int spread;  // between the samples' opinions, in steps
  int tilt;    // what the block above says less what the one on the left says, in steps
};

// From the sides of the blocks above and on the left; null: there is none.
FirstPrediction predict_first(const Sides& sides, const Sides* above, const Sides* left, int factor);

}  // namespace nzip::jpeg
