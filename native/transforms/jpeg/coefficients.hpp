// The model of coefficients: component by component, row by row, block by block. A block's 49 coefficients of both
// directions come first, then those of one, and the first at last: by then least of it is unknown. After D. R. Horn et
// al., "The Design, Implementation, and Deployment of a System to Transparently Compress Hundreds of Petabytes of Image
// Files for a File-Storage Service" (NSDI 2017); the mixing is that of context-mixing compressors.
#pragma once

#include <bit>
#include <cstdlib>
#include <stdexcept>
#include <vector>

#include "base/stop.hpp"
#include "transforms/jpeg/prediction.hpp"
#include "transforms/jpeg/statistics.hpp"

namespace nzip::jpeg {

// A number in classes that grow by half: 0, 1, 2, 3, 4-5, 6-7, 8-11, ...; `most` is the last.
inline uint32_t class_of(uint32_t number, uint32_t most) {
  if (number < 4) return std::min(number, most);
  const uint32_t width = uint32_t(std::bit_width(number));
  return std::min(2 * width - 2 + (number >> (width - 2) & 1), most);
}
inline uint32_t size_class(int value, uint32_t most) { return class_of(uint32_t(std::abs(value)), most); }
// The classes on both sides of 0, in order: 0 to 2 * most.
inline uint32_t signed_class(int value, uint32_t most) {
  return value < 0 ? most - size_class(value, most) : most + size_class(value, most);
}
constexpr uint32_t sign_of(int value) { return value > 0 ? 2 : value < 0 ? 1 : 0; }

template <class Coder>
class ComponentCoder {
 public:
  // `like`: the component that was coded before; null: there is none.
  ComponentCoder(Coder& coder, Statistics& statistics, Plane& plane, const Plane* like, const Quantisation& factors)
      : coder_(coder), statistics_(statistics), plane_(plane), like_(like), factors_(factors) {}

  // Throws std::invalid_argument where the coded data are none.
  void code(const Stop& stop) {
    above_.resize(plane_.width);
    row_.resize(plane_.width);
    for (y_ = 0; y_ < plane_.height; ++y_) {
      for (x_ = 0; x_ < plane_.width; ++x_) code_block();
      stop.check();
      if (coder_.failed()) throw std::invalid_argument("coded coefficients end early");
      std::swap(above_, row_);
    }
  }

 private:
  using Lines = Mixer::Lines;

  struct Known {  // of a block that was coded
    Sides sides;
    uint32_t inner = 0;               // coefficients of both directions that are not 0
    std::array<uint32_t, 2> edges{};  // the same of those across, and down
    int error = 0;                    // of the first coefficient's prediction
  };

  int bit(Number number, int value, const Lines& lines, uint32_t node) {
    return statistics_.mixer(number, node).code(coder_, value, lines, node);
  }
  // `count` bits, the highest first.
  uint32_t bits(Number number, uint32_t value, uint32_t count, const Lines& lines) {
    uint32_t node = 1;
    for (uint32_t i = count; i--;) node = 2 * node + uint32_t(bit(number, value >> i & 1, lines, node));
    return node - (1u << count);
  }
  uint32_t magnitude(Number number, int from, bool is_not_0, const Lines& lines);

  void find_neighbours();
  void code_block();
  uint32_t code_inner_count(const int16_t* from);
  void code_inner(const int16_t* from);
  uint32_t code_edge_count(const int16_t* from, size_t direction);
  void code_edge(const int16_t* from, size_t direction);
  void code_first(const int16_t* from);

  static constexpr uint32_t kMaxSize = 13;  // bits of a magnitude
  static constexpr std::array<int16_t, kBlock> kNothing{};

  Coder& coder_;
  Statistics& statistics_;
  Plane& plane_;
  const Plane* like_;
  const Quantisation& factors_;
  std::vector<Known> above_, row_;

  // The block being coded, as far as it is known, and blocks around it. What lies outside the picture is like what
  // lies inside.
  uint32_t x_ = 0, y_ = 0;
  std::array<int16_t, kBlock> block_;
  const int16_t *left_, *up_, *corner_, *right_, *left2_, *up2_;
  const int16_t* twin_;                  // where it is in the component coded before
  const Known *known_left_, *known_up_;  // null: outside the picture
};

// A magnitude: how many bits it has, one by one, and the bits behind the first.
template <class Coder>
uint32_t ComponentCoder<Coder>::magnitude(Number number, int from, bool is_not_0, const Lines& lines) {
  const uint32_t whole = uint32_t(std::abs(from)), width = uint32_t(std::bit_width(whole));
  uint32_t size = is_not_0 ? 1 : 0;
  while (size < kMaxSize && bit(number, width > size, lines, std::min(size, 7u))) ++size;
  if (size < 2) return size;
  uint32_t value = 2 | uint32_t(bit(number, whole >> (size - 2) & 1, lines, std::min(6 + size, 12u)));
  for (uint32_t i = size - 2; i--;) {
    const int next = whole >> i & 1;
    value =
        2 * value + uint32_t(i + 3 == size ? bit(number, next, lines, 13 + value % 2)
                                           : code_alone(coder_, next, statistics_.low_bit(number == kFirst, size, i)));
  }
  return value;
}

template <class Coder>
void ComponentCoder<Coder>::code_block() {
  int16_t* const from = plane_.block(x_, y_);
  find_neighbours();
  block_.fill(0);
  code_inner(from);
  code_edge(from, 0);
  code_edge(from, 1);
  code_first(from);
  if constexpr (!Coder::kEncodes) std::copy(block_.begin(), block_.end(), from);
}

template <class Coder>
void ComponentCoder<Coder>::find_neighbours() {
  const bool has_left = x_ > 0, has_up = y_ > 0;
  known_left_ = has_left ? &row_[x_ - 1] : nullptr;
  known_up_ = has_up ? &above_[x_] : nullptr;
  left_ = has_left ? plane_.block(x_ - 1, y_) : has_up ? plane_.block(x_, y_ - 1) : kNothing.data();
  up_ = has_up ? plane_.block(x_, y_ - 1) : left_;
  corner_ = has_left && has_up ? plane_.block(x_ - 1, y_ - 1) : has_left ? left_ : kNothing.data();
  right_ = has_up && x_ + 1 < plane_.width ? plane_.block(x_ + 1, y_ - 1) : corner_;
  left2_ = x_ > 1 ? plane_.block(x_ - 2, y_) : left_;
  up2_ = y_ > 1 ? plane_.block(x_, y_ - 2) : up_;
  twin_ = like_ ? like_->block(uint32_t(uint64_t(x_) * like_->width / plane_.width),
                               uint32_t(uint64_t(y_) * like_->height / plane_.height))
                : kNothing.data();
}

template <class Coder>
uint32_t ComponentCoder<Coder>::code_inner_count(const int16_t* from) {
  uint32_t count = 0, twins = 0, energy = 0;
  for (size_t v = 1; v < 8; ++v)
    for (size_t u = 1; u < 8; ++u) {
      const size_t at = 8 * v + u;
      if constexpr (Coder::kEncodes) count += from[at] != 0;
      twins += twin_[at] != 0;
    }
  for (size_t at = 9; at < kBlock; ++at) energy += uint32_t(std::abs(left_[at]) + std::abs(up_[at]));
  const uint32_t left = known_left_ ? known_left_->inner : known_up_ ? known_up_->inner : 0;
  const uint32_t up = known_up_ ? known_up_->inner : left;
  const uint32_t corner = known_left_ && known_up_ ? above_[x_ - 1].inner : left;
  const uint32_t right = known_up_ && x_ + 1 < plane_.width ? above_[x_ + 1].inner : up;
  count = bits(
      kInnerCount, count, 6,
      statistics_.lines(kInnerCount, {(left + up + 1) / 2, class_of(left, 11) * 12 + class_of(up, 11),
                                      (2 * left + 2 * up + corner + right + 3) / 6, twins, class_of(energy, 31), 0}));
  if (count > 49) throw std::invalid_argument("more coefficients than a block has");
  return row_[x_].inner = count;
}

template <class Coder>
void ComponentCoder<Coder>::code_inner(const int16_t* from) {
  uint32_t rest = code_inner_count(from), places = 49;
  for (size_t k = 4; rest; ++k) {
    const size_t at = kZigzag[k], u = at % 8, v = at / 8;
    if (u == 0 || v == 0) continue;
    const auto size = [&](const int16_t* block, size_t where) { return uint32_t(std::abs(block[where])); };
    const uint32_t left = size(left_, at), up = size(up_, at);
    uint32_t near = 2 * (size(block_.data(), at - 8) + size(block_.data(), at - 1)) + size(block_.data(), at - 9);
    if (v >= 3) near += size(block_.data(), at - 16);
    if (u >= 2) near += size(block_.data(), at - 2);
    if (u < 7) near += size(block_.data(), at - 7) + size(left_, at + 1) + size(up_, at + 1);
    if (v < 7) near += size(block_.data(), at + 7) + size(left_, at + 8) + size(up_, at + 8);
    const uint32_t mean = (13 * (left + up) + 6 * size(corner_, at)) / 8;  // in quarters
    const uint32_t wide =
        4 * (left + up) + 2 * (size(corner_, at) + size(right_, at)) + size(left2_, at) + size(up2_, at) + 2 * near;
    const uint32_t zone = std::min(uint32_t(u + v - 2), 11u), rests = class_of(rest, 15), done = 49 - places;
    const Lines lines = statistics_.lines(
        kInner,
        {zone * 24 + class_of(wide, 23), done * 16 + rests, (zone * 8 + class_of(left, 7)) * 8 + class_of(up, 7),
         (class_of(near / 2, 11) * 8 + class_of(mean, 7)) * 12 + zone,
         (rests * 12 + class_of(places, 11)) * 6 + class_of(mean, 5),
         ((zone * 8 + size_class(twin_[at], 7)) * 8 + class_of(near / 2, 7)) * 3 + class_of(mean, 2)});
    const int value = int(magnitude(kInner, from[at], rest == places, lines));
    if (value > kMaxCoefficient) throw std::invalid_argument("a coefficient is too large");
    if (value) {
      const int negative = code_alone(coder_, from[at] < 0, statistics_.inner_sign(sign_of(twin_[at])));
      block_[at] = int16_t(negative ? -value : value);
      --rest;
    }
    --places;
  }
}

template <class Coder>
uint32_t ComponentCoder<Coder>::code_edge_count(const int16_t* from, size_t direction) {
  const size_t step = direction ? 8 : 1;
  uint32_t count = 0, twins = 0;
  for (size_t k = 1; k < 8; ++k) {
    if constexpr (Coder::kEncodes) count += from[k * step] != 0;
    twins += twin_[k * step] != 0;
  }
  static constexpr Known kNobody{};
  const Known& up = known_up_ ? *known_up_ : known_left_ ? *known_left_ : kNobody;
  const Known& left = known_left_ ? *known_left_ : up;
  Known& known = row_[x_];
  const uint32_t d = uint32_t(direction), l = left.edges[d], u = up.edges[d], other = d ? known.edges[0] : 0;
  count = bits(
      kEdgeCount, count, 3,
      statistics_.lines(kEdgeCount, {d * 50 + known.inner, (d * 8 + l) * 8 + u, (d * 8 + other) * 8 + twins,
                                     d * 16 + l + u, (d * 8 + (l + u + 1) / 2) * 12 + class_of(known.inner, 11), d}));
  return known.edges[d] = count;
}

// Direction 0: the coefficients of the first row, which meet the block above; 1: those of the first column.
template <class Coder>
void ComponentCoder<Coder>::code_edge(const int16_t* from, size_t direction) {
  const size_t step = direction ? 8 : 1, across = direction ? 1 : 8;
  const bool meets = direction ? known_left_ : known_up_;
  const int16_t* const before = direction ? left_ : up_;
  const int16_t* const beside = direction ? up_ : left_;
  const uint32_t d = uint32_t(direction);
  uint32_t rest = code_edge_count(from, direction);
  for (uint32_t k = 1; rest; ++k) {
    const size_t at = k * step;
    const int last = k > 1 ? block_[at - step] : 0;
    const int guess = meets ? predict_edge(block_.data(), before, factors_, at, across) : 0;
    const uint32_t near =
        uint32_t(2 * std::abs(block_[at + across]) + std::abs(block_[at + 2 * across]) + std::abs(last));
    const uint32_t left = uint32_t(std::abs(left_[at])), up = uint32_t(std::abs(up_[at]));
    const uint32_t mean = (13 * (left + up) + 6 * uint32_t(std::abs(corner_[at]))) / 8;
    const uint32_t guesses = size_class(guess, 23), half = std::min(guesses / 2, 11u), place = d * 7 + k - 1;
    const Lines lines = statistics_.lines(
        kEdge,
        {(k - 1) * 24 + guesses, (rest * 24 + guesses) * 2 + (k > 3), (class_of(mean, 11) * 8 + rest) * 7 + k - 1,
         ((k - 1) / 2 * 12 + half) * 10 + class_of(near, 9), (d * 12 + class_of(left, 11)) * 12 + class_of(up, 11),
         (place * 12 + half) * 8 + size_class(twin_[at], 7)});
    const int value = int(magnitude(kEdge, from[at], rest == 8 - k, lines));
    if (value > kMaxCoefficient) throw std::invalid_argument("a coefficient is too large");
    if (value == 0) continue;
    const uint32_t coarse = signed_class(guess, 4), fine = signed_class(guess, 12);
    const Lines signs = statistics_.lines(
        kEdgeSign,
        {place * 25 + fine, fine * 8 + size_class(value, 7), place * 9 + sign_of(left_[at]) * 3 + sign_of(up_[at]),
         (place * 9 + coarse) * 3 + sign_of(twin_[at]), coarse * 9 + sign_of(block_[at + across]) * 3 + sign_of(last),
         place * 25 + signed_class(beside[at], 12)});
    block_[at] = int16_t(bit(kEdgeSign, from[at] < 0, signs, 0) ? -value : value);
    --rest;
  }
}

template <class Coder>
void ComponentCoder<Coder>::code_first(const int16_t* from) {
  Known& known = row_[x_];
  known.sides = sides_of(block_.data(), factors_);
  const FirstPrediction guess = predict_first(known.sides, known_up_ ? &known_up_->sides : nullptr,
                                              known_left_ ? &known_left_->sides : nullptr, factors_[0]);
  const int up = known_up_ ? known_up_->error : 0, left = known_left_ ? known_left_->error : 0;
  const int twin = like_ ? like_->errors[size_t(twin_ - like_->coefficients.data()) / kBlock] : 0;
  const uint32_t spread = class_of(uint32_t(guess.spread), 23), half = std::min(spread / 2, 11u),
                 errors = class_of(uint32_t(std::abs(up) + std::abs(left)), 15),
                 full = class_of(known.inner + known.edges[0] + known.edges[1], 11);
  const Lines lines = statistics_.lines(kFirst, {spread, half * 12 + size_class(guess.tilt, 11), half * 12 + full,
                                                 errors, errors * 12 + half, size_class(twin, 11) * 12 + half});
  const int middle = (guess.value + (guess.value < 0 ? -2 : 2)) / 4;
  const int wanted = from[0] - middle;
  int error = int(magnitude(kFirst, wanted, false, lines));
  if (error) {
    const uint32_t part = uint32_t(guess.value - 4 * middle + 2);
    const Lines signs = statistics_.lines(
        kFirstSign, {sign_of(up) * 3 + sign_of(left), signed_class(guess.tilt, 12), part * 9 + signed_class(up, 4),
                     signed_class(up, 4) * 9 + signed_class(left, 4), 0, sign_of(twin)});
    if (bit(kFirstSign, wanted < 0, signs, 0)) error = -error;
  }
  const int value = middle + error;
  if (std::abs(value) > kMaxCoefficient) throw std::invalid_argument("a coefficient is too large");
  block_[0] = int16_t(value);
  known.error = error;
  plane_.errors[size_t(y_) * plane_.width + x_] = int16_t(error);
  known.sides.raise(dequantised(block_[0], factors_[0]));
}

// All components of a picture.
template <class Coder>
void code_picture(Coder& coder, AllStatistics& statistics, const Structure& structure, Picture& picture,
                  const Stop& stop) {
  for (size_t i = 0; i < picture.size(); ++i)
    ComponentCoder<Coder>(coder, statistics[i > 0], picture[i], i ? &picture[i - 1] : nullptr,
                          structure.quantisation(structure.frame().components[i]))
        .code(stop);
}

}  // namespace nzip::jpeg
