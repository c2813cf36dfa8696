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

// Where the contexts of a number have their octets: the first ones of all values stand together, then the second ones.
template <Number number>
class Lines {
 public:
  Octets octets(size_t which) const;

 private:
  friend class Statistics;
  Octets first_;
};

class Statistics {
 public:
  Statistics();

  // Of contexts that have these values.
  template <Number number>
  Lines<number> lines(const std::array<uint32_t, kContexts>& values) {
    Lines<number> lines;
    for (size_t i = 0; i < kContexts; ++i) lines.first_[i] = octets_.data() + kStarts[number][i] + values[i];
    return lines;
  }
  // Of a magnitude's bit that only its place in the number predicts.
  Alone& low_bit(bool first, uint32_t size, uint32_t place) { return low_bits_[first][size][place]; }
  // Whether a magnitude of at least 8 bits has more than `size`.
  Alone& size_bit(bool first, uint32_t size) { return low_bits_[first][0][size]; }
  Alone& inner_sign(uint32_t twin) { return inner_signs_[twin]; }

  // Lets all octets learn as if they had seen little.
  void loosen();

 private:
  template <Number number>
  friend class Lines;

  // Of each context, how many values it has; and the octets of each.
  struct Shape {
    std::array<uint32_t, kContexts> values;
    uint32_t octets;
  };
  static constexpr std::array<Shape, kNumbers> kShapes{{
      {{144, 50, 50, 32}, 9},
      {{12 * 24, 49 * 16, 16 * 12 * 6, 12 * 64 * 3}, 2},
      {{50, 64, 64, 8 * 12}, 2},
      {{8 * 24 * 2, 12 * 8 * 7, 4 * 12 * 10, 14 * 12 * 8}, 2},
      {{144, 144, 16 * 12, 144}, 2},
      {{25 * 8, 14 * 9, 14 * 9 * 3, 14 * 25}, 1},
      {{9, 25, 81, 3}, 1},
  }};
  // Where the octets of each context begin, and where they end.
  static constexpr std::array<std::array<size_t, kContexts>, kNumbers + 1> kStarts = [] {
    std::array<std::array<size_t, kContexts>, kNumbers + 1> starts{};
    size_t at = 0;
    for (size_t number = 0; number < kNumbers; ++number)
      for (size_t i = 0; i < kContexts; ++i) {
        starts[number][i] = at;
        at += size_t(kShapes[number].values[i]) * kShapes[number].octets;
      }
    starts[kNumbers][0] = at;
    return starts;
  }();

  std::vector<Octet> octets_;
  std::array<std::array<std::array<Alone, 16>, 16>, 2> low_bits_;
  std::array<Alone, 3> inner_signs_;
};

template <Number number>
Octets Lines<number>::octets(size_t which) const {
  Octets octets;
  for (size_t i = 0; i < kContexts; ++i) octets[i] = first_[i] + which * Statistics::kShapes[number].values[i];
  return octets;
}

// Of the first component, and of all others.
using AllStatistics = std::array<Statistics, 2>;

}  // namespace nzip::jpeg
