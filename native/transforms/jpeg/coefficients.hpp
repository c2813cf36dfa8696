// The model of coefficients: component by component, row by row, block by block. A block's 49 coefficients of both
// directions come first, then those of one, and the first at last: by then least of it is unknown. After D. R. Horn et
// al., "The Design, Implementation, and Deployment of a System to Transparently Compress Hundreds of Petabytes of Image
// Files for a File-Storage Service" (NSDI 2017).
#pragma once

#include <bit>
#include <stdexcept>
#include <vector>

#include "base/stop.hpp"
#include "transforms/jpeg/around.hpp"
#include "transforms/jpeg/classes.hpp"
#include "transforms/jpeg/marks.hpp"
#include "transforms/jpeg/prediction.hpp"
#include "transforms/jpeg/statistics.hpp"

namespace nzip::jpeg {

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
  // A number of 3 bits, the highest first.
  uint32_t three_bits(uint32_t value, const Octets& octets) {
    MixedBits bits(coder_, octets);
    uint32_t node = 2 | uint32_t(bits.template code<0>(value >> 2 & 1, 1));
    node = 2 * node | uint32_t(bits.template code<0>(value >> 1 & 1, node));
    return (2 * node | uint32_t(bits.template code<1>(value & 1, node))) - 8;
  }
  int sign(int value, const Octets& octets) { return MixedBits(coder_, octets).template code<0>(value < 0, 0); }
  // Of a coefficient or an error; throws std::invalid_argument where it is too large.
  template <Number number>
  int magnitude(int from, bool is_not_0, const Lines<number>& lines);

  void find_neighbours();
  void code_block();
  uint32_t code_inner_count(const int16_t* from);
  void code_inner(const int16_t* from);
  uint32_t code_edge_count(const int16_t* from, size_t direction);
  void code_edge(const int16_t* from, size_t direction, const Line& predictions);
  void code_first(const int16_t* from);

  // The places of both directions, in the order of scans, and in which zone they are.
  struct Place {
    uint8_t at, zone;
  };
  static constexpr std::array<Place, 49> kInnerPlaces = [] {
    std::array<Place, 49> places{};
    size_t count = 0;
    for (const uint8_t at : kZigzag)
      if (at % 8 && at / 8) places[count++] = {at, uint8_t(std::min(at % 8 + at / 8 - 2, 11))};
    return places;
  }();
  static constexpr uint64_t kInnerMarks = 0xfefefefefefefe00;
  static constexpr std::array<uint64_t, 2> kEdgeMarks{0xfe, 0x0101010101010100};
  static constexpr uint32_t kMaxSize = 13;  // bits of a magnitude
  static constexpr std::array<int16_t, kBlock> kNothing{};
  static constexpr Summary kNobody{};

  Coder& coder_;
  Statistics& statistics_;
  Plane& plane_;
  const Plane* like_;
  const Quantisation& factors_;
  std::vector<Sides> above_, row_;

  // The block being coded, as far as it is known, and blocks around it.
  uint32_t x_ = 0, y_ = 0;
  std::array<int16_t, kBlock> block_;
  Summary* summary_;
  Neighbours blocks_;
  Around around_;
  const Summary *left_, *up_, *corner_, *right_;  // null: outside the picture
  const int16_t* twin_;                           // where it is in the component coded before, and
  const Summary* twins_;                          // its summary
};

// A magnitude: how many bits it has, one by one, and the bits behind the first.
template <class Coder>
template <Number number>
[[gnu::always_inline]] inline int ComponentCoder<Coder>::magnitude(int from, bool is_not_0,
                                                                   const Lines<number>& lines) {
  const uint32_t whole = uint32_t(std::abs(from)), width = uint32_t(std::bit_width(whole));
  uint32_t size = is_not_0 ? 1 : 0;
  {
    MixedBits bits(coder_, lines.octets(0));
    while (size < 4 && bits.template code<0>(width > size, size)) ++size;
    if (size == 4)
      while (size < kLanes && bits.template code<1>(width > size, size)) ++size;
  }
  if (size < 2) return int(size);
  constexpr bool kIsFirst = number == kFirst;
  if (size == kLanes)
    while (size < kMaxSize && statistics_.size_bit(kIsFirst, size).code(coder_, width > size)) ++size;
  uint32_t value;
  {
    MixedBits bits(coder_, lines.octets(1));
    value = 2 | uint32_t(bits.template code<0>(whole >> (size - 2) & 1, std::min(size - 2, 3u)));
    if (size > 2)
      value = 2 * value | uint32_t(bits.template code<1>(whole >> (size - 3) & 1, 4 + 2 * (size > 3) + value % 2));
  }
  for (uint32_t i = size > 2 ? size - 3 : 0; i--;)
    value = 2 * value + uint32_t(statistics_.low_bit(kIsFirst, size, i).code(coder_, whole >> i & 1));
  if (!kIsFirst && value > kMaxCoefficient) throw std::invalid_argument("a coefficient is too large");
  return int(value);
}

template <class Coder>
void ComponentCoder<Coder>::code_block() {
  int16_t* const from = plane_.block(x_, y_);
  find_neighbours();
  block_.fill(0);
  code_inner(from);
  const EdgePredictions predictions =
      predict_edges(dequantised(block_.data(), factors_), dequantised(up_ ? blocks_.up : kNothing.data(), factors_),
                    dequantised(left_ ? blocks_.left : kNothing.data(), factors_));
  code_edge(from, 0, predictions[0]);
  code_edge(from, 1, predictions[1]);
  code_first(from);
  if constexpr (Coder::kDecodes) std::copy(block_.begin(), block_.end(), from);
}

template <class Coder>
void ComponentCoder<Coder>::find_neighbours() {
  const bool has_left = x_ > 0, has_up = y_ > 0, has_right = has_up && x_ + 1 < plane_.width;
  summary_ = &plane_.summaries[size_t(y_) * plane_.width + x_];
  left_ = has_left ? summary_ - 1 : nullptr;
  up_ = has_up ? summary_ - plane_.width : nullptr;
  corner_ = has_left && has_up ? up_ - 1 : nullptr;
  right_ = has_right ? up_ + 1 : nullptr;

  Neighbours& b = blocks_;
  b.left = has_left ? plane_.block(x_ - 1, y_) : has_up ? plane_.block(x_, y_ - 1) : kNothing.data();
  b.up = has_up ? plane_.block(x_, y_ - 1) : b.left;
  b.corner = has_left && has_up ? plane_.block(x_ - 1, y_ - 1) : has_left ? b.left : kNothing.data();
  b.right = has_right ? plane_.block(x_ + 1, y_ - 1) : b.corner;
  b.left2 = x_ > 1 ? plane_.block(x_ - 2, y_) : b.left;
  b.up2 = y_ > 1 ? plane_.block(x_, y_ - 2) : b.up;
  around_.look(b);

  twin_ = kNothing.data();
  twins_ = &kNobody;
  if (!like_) return;
  const auto x = uint32_t(uint64_t(x_) * like_->width / plane_.width),
             y = uint32_t(uint64_t(y_) * like_->height / plane_.height);
  twin_ = like_->block(x, y);
  twins_ = &like_->summaries[size_t(y) * like_->width + x];
}

template <class Coder>
uint32_t ComponentCoder<Coder>::code_inner_count(const int16_t* from) {
  uint32_t count = 0;
  if constexpr (!Coder::kDecodes) count = uint32_t(std::popcount(marks_of(from) & kInnerMarks));
  const uint32_t left = left_ ? left_->inner
                        : up_ ? up_->inner
                              : 0,
                 up = up_ ? up_->inner : left, corner = corner_ ? corner_->inner : left,
                 right = right_ ? right_->inner : up;
  const auto lines = statistics_.template lines<kInnerCount>({class_of<11>(left) * 12 + class_of<11>(up),
                                                              (2 * left + 2 * up + corner + right + 3) / 6,
                                                              twins_->inner, class_of<31>(around_.energy)});
  const uint32_t high = three_bits(count >> 3, lines.octets(0));
  count = 8 * high + three_bits(count & 7, lines.octets(1 + high));
  if (count > 49) throw std::invalid_argument("more coefficients than a block has");
  summary_->inner = uint8_t(count);
  return count;
}

template <class Coder>
void ComponentCoder<Coder>::code_inner(const int16_t* from) {
  uint32_t rest = code_inner_count(from), done = 0, rests = class_of<15>(rest);
  while (rest) {
    const auto [at, zone] = kInnerPlaces[done];
    const uint32_t places = 49 - done, near = around_.near[at];
    const uint32_t means = class_of<5>(around_.mean[at]);
    const auto lines = statistics_.template lines<kInner>(
        {zone * 24 + class_of<23>(around_.wide[at] + 2 * near), done * 16 + rests,
         (rests * 12 + class_of<11>(places)) * 6 + means,
         ((zone * 8 + size_class<7>(twin_[at])) * 8 + class_of<7>(near / 2)) * 3 + std::min(means, 2u)});
    const int value = magnitude<kInner>(from[at], rest == places, lines);
    ++done;
    if (!value) continue;
    const int negative = statistics_.inner_sign(sign_of(twin_[at])).code(coder_, from[at] < 0);
    block_[at] = int16_t(negative ? -value : value);
    around_.add(at, uint32_t(value));
    rests = class_of<15>(--rest);
  }
}

template <class Coder>
uint32_t ComponentCoder<Coder>::code_edge_count(const int16_t* from, size_t direction) {
  uint32_t count = 0;
  if constexpr (!Coder::kDecodes) count = uint32_t(std::popcount(marks_of(from) & kEdgeMarks[direction]));
  const Summary &up = up_ ? *up_ : left_ ? *left_ : kNobody, &left = left_ ? *left_ : up;
  const uint32_t d = uint32_t(direction), l = left.edges[d], u = up.edges[d], other = d ? summary_->edges[0] : 0;
  const auto lines = statistics_.template lines<kEdgeCount>(
      {summary_->inner, l * 8 + u, other * 8 + twins_->edges[d], (l + u + 1) / 2 * 12 + class_of<11>(summary_->inner)});
  count = three_bits(count, lines.octets(direction));
  summary_->edges[d] = uint8_t(count);
  return count;
}

// Direction 0: the coefficients of the first row, which meet the block above; 1: those of the first column.
template <class Coder>
void ComponentCoder<Coder>::code_edge(const int16_t* from, size_t direction, const Line& predictions) {
  const size_t step = direction ? 8 : 1, across = direction ? 1 : 8;
  const bool meets = direction ? left_ : up_;
  const int16_t* const beside = direction ? blocks_.up : blocks_.left;
  const uint32_t d = uint32_t(direction);
  uint32_t rest = code_edge_count(from, direction);
  for (uint32_t k = 1; rest; ++k) {
    const size_t at = k * step;
    const int last = k > 1 ? block_[at - step] : 0;
    const int guess = meets ? predictions[k] / factors_[at] : 0;
    const uint32_t near =
        uint32_t(2 * std::abs(block_[at + across]) + std::abs(block_[at + 2 * across]) + std::abs(last));
    const uint32_t guesses = size_class<23>(guess), half = std::min(guesses / 2, 11u), place = d * 7 + k - 1;
    const auto lines = statistics_.template lines<kEdge>(
        {(rest * 24 + guesses) * 2 + (k > 3), (class_of<11>(around_.mean[at]) * 8 + rest) * 7 + k - 1,
         ((k - 1) / 2 * 12 + half) * 10 + class_of<9>(near), (place * 12 + half) * 8 + size_class<7>(twin_[at])});
    const int value = magnitude<kEdge>(from[at], rest == 8 - k, lines);
    if (value == 0) continue;
    const uint32_t fine = signed_class<12>(guess), coarse = signed_class<4>(guess);
    const auto signs = statistics_.template lines<kEdgeSign>(
        {fine * 8 + size_class<7>(value), place * 9 + sign_of(blocks_.left[at]) * 3 + sign_of(blocks_.up[at]),
         (place * 9 + coarse) * 3 + sign_of(twin_[at]), place * 25 + signed_class<12>(beside[at])});
    block_[at] = int16_t(sign(from[at], signs.octets(0)) ? -value : value);
    --rest;
  }
}

template <class Coder>
void ComponentCoder<Coder>::code_first(const int16_t* from) {
  Sides& sides = row_[x_];
  sides = sides_of(dequantised(block_.data(), factors_));
  const FirstPrediction guess =
      predict_first(sides, up_ ? &above_[x_] : nullptr, left_ ? &row_[x_ - 1] : nullptr, factors_[0]);
  const int up = up_ ? up_->error : 0, left = left_ ? left_->error : 0;
  const uint32_t half = class_of<23>(uint32_t(guess.spread)) / 2,
                 errors = class_of<15>(uint32_t(std::abs(up) + std::abs(left))),
                 full = class_of<11>(uint32_t(summary_->inner + summary_->edges[0] + summary_->edges[1]));
  const auto lines =
      statistics_.template lines<kFirst>({half * 12 + size_class<11>(guess.tilt), half * 12 + full, errors * 12 + half,
                                          size_class<11>(twins_->error) * 12 + half});
  const int middle = (guess.value + (guess.value < 0 ? -2 : 2)) / 4;
  const int wanted = from[0] - middle;
  int error = magnitude<kFirst>(wanted, false, lines);
  if (error) {
    const auto signs = statistics_.template lines<kFirstSign>(
        {sign_of(up) * 3 + sign_of(left), signed_class<12>(guess.tilt), signed_class<4>(up) * 9 + signed_class<4>(left),
         sign_of(twins_->error)});
    if (sign(wanted, signs.octets(0))) error = -error;
  }
  const int value = middle + error;
  if (std::abs(value) > kMaxCoefficient) throw std::invalid_argument("a coefficient is too large");
  block_[0] = int16_t(value);
  summary_->error = int16_t(error);
  sides.raise(int16_t(uint16_t(value) * factors_[0]));
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
