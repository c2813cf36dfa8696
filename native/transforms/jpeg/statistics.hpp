// What is learned of a picture's coefficients while they are coded.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "transforms/jpeg/mixing.hpp"

namespace nzip::jpeg {

// The numbers that are coded, each with contexts of its own.
enum Number : size_t {
  kInnerCount,  // coefficients of both directions that are not 0
  kInner,       // the magnitude of one
  kEdgeCount,   // the same of coefficients of one direction
  kEdge,
  kFirst,  // the magnitude of what the first coefficient's prediction lacks
  kEdgeSign,
  kFirstSign,
  kNumbers
};

class Statistics {
 public:
  Statistics();

  Mixer::Lines lines(Number number, const std::array<uint32_t, kContexts>& contexts) {
    Mixer::Lines lines;
    for (size_t i = 0; i < kContexts; ++i) lines[i] = &slots_[number][i][size_t(contexts[i]) * kShapes[number].nodes];
    return lines;
  }
  Mixer& mixer(Number number, uint32_t node) { return mixers_[number][node]; }
  // Of a magnitude's bit that only its place in the number predicts.
  Slot& low_bit(bool first, uint32_t size, uint32_t place) { return low_bits_[first][size][place]; }
  Slot& inner_sign(uint32_t twin) { return inner_signs_[twin]; }

  // Lets all slots learn as if they had seen little.
  void loosen();

 private:
  // Of each context, how many values it has; and the slots of each.
  struct Shape {
    std::array<uint32_t, kContexts> values;
    uint32_t nodes;
  };
  static constexpr std::array<Shape, kNumbers> kShapes{{
      {{50, 144, 50, 50, 32, 1}, 64},
      {{12 * 24, 49 * 16, 12 * 64, 96 * 12, 16 * 12 * 6, 12 * 64 * 3}, 16},
      {{2 * 50, 2 * 64, 2 * 64, 2 * 16, 2 * 8 * 12, 2}, 8},
      {{7 * 24, 8 * 24 * 2, 12 * 8 * 7, 4 * 12 * 10, 2 * 144, 14 * 12 * 8}, 16},
      {{24, 144, 144, 16, 16 * 12, 144}, 16},
      {{14 * 25, 25 * 8, 14 * 9, 14 * 9 * 3, 81, 14 * 25}, 1},
      {{9, 25, 5 * 9, 81, 1, 3}, 1},
  }};

  std::array<std::array<std::vector<Slot>, kContexts>, kNumbers> slots_;
  std::array<std::vector<Mixer>, kNumbers> mixers_;
  std::array<std::array<std::array<Slot, 16>, 16>, 2> low_bits_;
  std::array<Slot, 3> inner_signs_;
};

// Of the first component, and of all others.
using AllStatistics = std::array<Statistics, 2>;

}  // namespace nzip::jpeg
