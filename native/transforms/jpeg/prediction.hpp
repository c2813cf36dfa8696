// What the neighbours of a block say of its first coefficients: pictures are smooth where blocks meet.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "transforms/jpeg/eight.hpp"
#include "transforms/jpeg/structure.hpp"

namespace nzip::jpeg {

using Quantisation = std::array<uint16_t, kBlock>;

// A block's coefficients times their factors, in 16 bits: what is larger wraps, which no picture needs.
Square dequantised(const int16_t* block, const Quantisation& factors);

// What makes a block meet those above and on the left, in quarters of what the coefficients of its first row (0) and of
// its first column (1) are times their factors. The first of each is nothing.
using EdgePredictions = std::array<Line, 2>;

// `here` has the inner coefficients only.
EdgePredictions predict_edges(const Square& here, const Square& above, const Square& left);

// The samples along a block's four sides, two deep, 8 times as large as samples are.
struct Sides {
  std::array<Line, 2> top{}, bottom{}, left{}, right{};  // the outer line first

  // Adds the first coefficient to the sides that later blocks meet.
  void raise(int16_t by) {
    for (auto* side : {&bottom, &right})
      for (Line& line : *side)
        for (int16_t& sample : line) sample = int16_t(sample + by);
  }
};

// Without the first coefficient, which must be 0.
Sides sides_of(const Square& block);

struct FirstPrediction {
  int value;   // of the first coefficient, in quarters of its steps
  int spread;  // between the samples' opinions, in steps
  int tilt;    // what the block above says less what the one on the left says, in steps
};

// From the sides of the blocks above and on the left; null: there is none.
FirstPrediction predict_first(const Sides& sides, const Sides* above, const Sides* left, int factor);

}  // namespace nzip::jpeg
