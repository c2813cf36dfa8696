// What a lane knows of the array of numbers that it is in: predictions of the next number, and how far to trust them.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/sample_layout.hpp"
#include "engine1/lane_state.hpp"
#include "engine1/samples/least_squares.hpp"
#include "engine1/samples/numbers.hpp"

namespace nzip::engine1::NZIP_ISA {

class SampleState {
 public:
  // Fitted predictions, fixed ones, and last the fitted ones' mean, weighted by their errors of late.
  static constexpr int kFitted = 3, kPredictions = 13, kMean = kPredictions - 1;
  // Neighbours that the fitted ones see: of the third one kAll where there are no rows, kLocal of a picture.
  static constexpr int kFew = 12, kMore = 20, kLocal = 20, kInRows = 32, kAll = 64;

  int64_t prediction[kPredictions] = {};  // of the number, in sixteenths
  uint32_t near[8] = {};             // W, N, NW, NE, WW, NN, and the same pixel's number one and two channels before
  uint32_t scale = 0;                // log8 of the error to be expected, in sixteenths
  uint32_t roughness = 0;            // log8 of how much the neighbours differ, plus 1, in sixteenths
  uint32_t byte = 0;                 // of the number, which comes next
  uint32_t prefix = 0;               // its bytes so far, among the first four
  uint32_t channel = 0, column = 0;  // column: the number's place in its row
  uint32_t bytes = 1;                // of a number that are predicted
  uint32_t width = 1;                // of a number
  bool flat = true;                  // without rows

  // The next byte by the best prediction.
  uint32_t expected() const {
    if (byte >= bytes) return 0;
    const int rest = 8 * int(bytes - byte);
    const int64_t apart = (prediction[kMean] - (int64_t(prefix) << (rest + 4))) >> (rest - 4);
    return uint32_t(apart < 0 ? 0 : apart > 255 ? 255 : apart);
  }

  // log8 of a prediction's own errors of late, in sixteenths.
  uint32_t own_scale(int i) const { return log8(uint64_t(error_[channel % kChannels][i]) + 2); }

  // How far the fitted predictions lie apart, against the expected error, in eight classes.
  uint32_t difference() const {
    const int64_t d = prediction[0] - prediction[1];
    const int far = (int(log8(uint64_t(d < 0 ? -d : d) + 1)) - int(scale)) / 8 + 5;
    return uint32_t(far < 0 ? 0 : far > 7 ? 7 : far);
  }

  // The segment that enter() was called for, by the lane's count.
  uint32_t segment() const { return segment_; }

  void enter(const LaneState& lane) {
    *this = SampleState();
    segment_ = lane.segment;
    layout_ = SampleLayout::of(lane.param);
    numbers_ = SampleNumbers(layout_);
    bytes = numbers_.bytes();
    width = layout_.width;
    flat = layout_.row < 2 * layout_.pixel();
    // Sums of the products of numbers up to 16 bits are exact.
    local_ = width <= 2 && layout_.channels <= kChannels && layout_.row >= 4 * kReach * layout_.pixel();
    seen_ = flat ? kAll : local_ ? kMore : kInRows;
    for (Fitted& f : fitted_) f.third.reset(flat ? kAll : local_ ? kLocal : kInRows);
    for (uint32_t c = 0; c < layout_.channels; ++c) place_neighbours(c);
  }

  // Prepares for the lane's next byte.
  void advance(const LaneState& lane, const uint8_t* history) {
    const uint64_t at = lane.position - lane.segment_begin;
    byte = uint32_t(at % width);
    if (byte == 0 || lane.position == lane.begin) {
      if (started_) learn(number(lane, history, width));
      start(lane, history, at);
      prefix = 0;
    } else if (byte <= bytes) {
      prefix = prefix << 8 | lane.last(1);
    }
  }

 private:
  static constexpr uint32_t kChannels = 4;   // that have fitted predictions of their own
  static constexpr uint32_t kErrors = 8192;  // numbers whose errors are remembered
  static constexpr uint32_t kMostOffset = 1u << 28;
  static constexpr int kReach = 6;  // of the window
  static constexpr double kLocalRidge = 8;

  struct Fitted {
    LeastSquares<kMore> more;
    LeastSquares<kFew> few;
    LeastSquares<kAll> third;
  };
  struct Neighbour {
    uint32_t offset;  // bytes back from the number
    uint32_t base;    // the channels back from the number's, whose local mean is taken off
  };

  // The neighbours of a number in channel c, those that say most first.
  void place_neighbours(uint32_t c) {
    const uint32_t w = width, p = layout_.pixel(), r = layout_.row, all = layout_.channels;
    auto& list = neighbour_[c];
    int n = 0;
    const auto add = [&](int64_t offset, uint32_t base) {
      if (n >= seen_ || offset < width || offset >= kMostOffset) return;
      list[size_t(n++)] = {uint32_t(offset), base};
      furthest_ = std::max(furthest_, offset);
    };
    const auto own = [&](int rows, int left) { add(int64_t(rows) * r + int64_t(left) * p, 0); };
    // Of a channel before (same pixel) or, negative, behind (only earlier pixels).
    const auto other = [&](uint32_t back, int rows, int left) {
      add(int64_t(rows) * r + int64_t(left) * p + int64_t(back) * w, back);
    };
    // The channels that stand before this one in its pixel, and then those of the pixel before.
    const uint32_t first = all > 1 ? 1 : 0, second = all > 2 ? 2 : 0;
    const bool has_first = first && c >= 1, has_second = second && c >= 2;
    if (flat) {
      for (int i = 1; i <= 4; ++i) own(0, i);
      if (first)
        for (int i = 0; i < 3; ++i) other(first, 0, i);
      for (int i = 5; i <= 8; ++i) own(0, i);
      if (second)
        for (int i = 0; i < 2; ++i) other(second, 0, i);
      if (first)
        for (int i = 3; i < 6; ++i) other(first, 0, i);
      for (int i = 9; i <= 14; ++i) own(0, i);
      if (first)
        for (int i = 6; i < 10; ++i) other(first, 0, i);
      for (int i = 15; n < seen_; ++i) own(0, i);
      return;
    }
    own(0, 1), own(1, 0), own(1, 1), own(1, -1);
    if (has_first) other(first, 0, 0), other(first, 1, 0), other(first, 0, 1);
    if (has_second) other(second, 0, 0), other(second, 1, 0), other(second, 0, 1);
    own(0, 2), own(2, 0);
    if (has_first) other(first, 1, -1), other(first, 1, 1);
    own(2, -1), own(1, -2), own(2, 1), own(1, 2), own(0, 3), own(3, 0);
    if (has_second) other(second, 1, -1), other(second, 1, 1);
    own(2, 2), own(2, -2), own(1, -3), own(1, 3);
    own(3, -1), own(3, 1), own(0, 4), own(4, 0);
    own(2, -3), own(2, 3), own(3, 2), own(3, -2), own(0, 5), own(1, -4), own(1, 4), own(0, 6), own(5, 0);
    own(4, 1), own(4, -1), own(2, 4), own(2, -4), own(3, 3), own(3, -3);
    while (n < seen_) list[size_t(n++)] = {p, 0};
  }

  // The number `offset` bytes back, or 0 outside the lane.
  uint32_t number(const LaneState& lane, const uint8_t* history, uint64_t offset) const {
    if (offset > lane.position - lane.begin) return missing_;
    const uint8_t* p = history + (lane.position - offset);
    uint32_t v = 0;
    for (uint32_t i = 0; i < bytes; ++i) v = v << 8 | p[i];
    return v;
  }

  void start(const LaneState& lane, const uint8_t* history, uint64_t at) {
    const uint32_t w = width, p = layout_.pixel(), r = flat ? p : layout_.row;
    index_ = at / w;
    const uint64_t place = layout_.row ? at % layout_.row : at;
    column = uint32_t(place / w);
    channel = column % layout_.channels;
    started_ = true;
    missing_ = uint32_t(numbers_.middle());
    if (numbers_.floats()) missing_ = 0x80000000u;
    const auto get = [&](uint64_t rows, int left) {
      return number(lane, history, uint64_t(int64_t(rows * r) + int64_t(left) * int64_t(p)));
    };
    near[0] = missing_ = get(0, 1);  // what is missing from now on is like the number before
    if (flat)
      near[1] = get(0, 2), near[2] = get(0, 3), near[3] = get(0, 4), near[4] = get(0, 5), near[5] = get(0, 6);
    else
      near[1] = get(1, 0), near[2] = get(1, 1), near[3] = get(1, -1), near[4] = get(0, 2), near[5] = get(2, 0);
    has_first_ = layout_.channels > 1 && channel >= 1;
    near[6] = has_first_ ? number(lane, history, w) : near[1];
    near[7] = channel >= 2 ? number(lane, history, 2 * w) : near[0];

    double x[8];
    for (int i = 0; i < 6; ++i) x[i] = numbers_.value(near[i]);
    base_[0] = flat ? numbers_.middle() : (x[0] + x[1]) * 0.5;
    for (uint32_t c = 1; c < 3; ++c) {
      if (flat || c >= layout_.channels)
        base_[c] = base_[0];
      else
        base_[c] =
            (numbers_.value(number(lane, history, p + c * w)) + numbers_.value(number(lane, history, r + c * w))) * 0.5;
    }
    const auto& list = neighbour_[channel];
    for (size_t i = 0; i < size_t(seen_); ++i)
      input_[i] = numbers_.value(number(lane, history, list[i].offset)) - base_[list[i].base];
    Fitted& f = fitted_[channel % kChannels];
    if (local_) fit_locally(f.third, lane, history);
    double fit[kFitted] = {f.more.predict(input_) + base_[0], f.few.predict(input_) + base_[0],
                           f.third.predict(input_) + base_[0]};
    set(0, fit[0]), set(1, fit[1]), set(2, fit[2]);
    double weights = 0, sum = 0;
    for (int i = 0; i < kFitted; ++i) {
      const double e = error_[channel % kChannels][i] + 1, share = 1 / (e * e * e * e);
      weights += share;
      sum += share * fit[i];
    }
    set(kMean, sum / weights);
    predict_simply(lane, history, x);
    estimate(lane);
  }

  // Fits to the numbers of a window around: kReach pixels to the left in this row, and in as many rows above from as
  // many pixels to the left to as many to the right. It moves with the pixel, so few numbers come and go.
  void fit_locally(LeastSquares<kAll>& fitted, const LaneState& lane, const uint8_t* history) {
    const int64_t p = layout_.pixel(), r = layout_.row;
    int& left = left_[channel];
    if (column < layout_.channels || left < 0) {  // a row begins
      fitted.forget();
      for (int64_t rows = 1; rows <= kReach; ++rows)
        for (int64_t x = -kReach; x <= kReach; ++x) count(fitted, lane, history, rows * r - x * p, 1);
      left = 0;
    } else {
      for (int64_t rows = 1; rows <= kReach; ++rows) {
        count(fitted, lane, history, rows * r - kReach * p, 1);
        count(fitted, lane, history, rows * r + (kReach + 1) * p, -1);
      }
      count(fitted, lane, history, p, 1);
      if (left == kReach)
        count(fitted, lane, history, (kReach + 1) * p, -1);
      else
        ++left;
    }
    fitted.solve(kLocalRidge);
  }

  // The number `back` bytes before the next one, if all its neighbours are in the lane. Twice its distance from the
  // mean of the ones to the left and above is an integer.
  void count(LeastSquares<kAll>& fitted, const LaneState& lane, const uint8_t* history, int64_t back, double share) {
    if (int64_t(lane.position - lane.begin) - back < furthest_) return;
    const uint8_t* const at = history + (lane.position - back);
    const auto value = [&](int64_t offset) {
      const uint8_t* const v = at - offset;
      return int32_t(bytes == 1 ? v[0] : v[0] << 8 | v[1]);
    };
    const int64_t p = layout_.pixel(), r = layout_.row;
    int32_t base[3];
    for (uint32_t c = 0; c < 3; ++c) {
      const int64_t other = c < layout_.channels ? c * width : 0;
      base[c] = value(p + other) + value(r + other);
    }
    double x[kLocal];
    const auto& list = neighbour_[channel];
    for (size_t i = 0; i < kLocal; ++i) x[i] = 2 * value(list[i].offset) - base[list[i].base];
    fitted.count(x, 2 * value(0) - base[0], share);
  }

  void set(int i, double value) { prediction[i] = numbers_.ordered(value); }

  // x: W, N, NW, NE, WW, NN as values, or without rows the last six.
  void predict_simply(const LaneState& lane, const uint8_t* history, const double* x) {
    const uint32_t w = width, p = layout_.pixel(), r = flat ? p : layout_.row;
    double c = 0, cw = 0, cn = 0, cnw = 0;  // the channel before: here, W, N, NW
    if (has_first_) {
      c = numbers_.value(number(lane, history, w)), cw = numbers_.value(number(lane, history, p + w));
      cn = numbers_.value(number(lane, history, (flat ? 2 * p : r) + w));
      cnw = numbers_.value(number(lane, history, (flat ? 3 * p : r + p) + w));
    }
    if (flat) {
      set(3, x[0]);
      set(4, 2 * x[0] - x[1]);
      set(5, 3 * x[0] - 3 * x[1] + x[2]);
      set(6, 4 * x[0] - 6 * x[1] + 4 * x[2] - x[3]);
      set(7, (x[0] + x[1]) * 0.5);
      set(8, x[0] + c - cw);
      set(9, has_first_ ? c : x[1]);
      set(10, 2 * x[0] - x[1] + c - 2 * cw + cn);
      set(11, (x[0] + x[1] + x[2] + x[3]) * 0.25);
      return;
    }
    const double west = x[0], north = x[1], plane = west + north - x[2];
    const double low = west < north ? west : north, high = west < north ? north : west;
    set(3, plane < low ? low : plane > high ? high : plane);
    set(4, plane);
    set(5, (west + north) * 0.5 + (x[3] - x[2]) * 0.25);
    set(6, west + x[3] - north);
    set(7, (west + x[3]) * 0.5);
    set(8, has_first_ ? west + c - cw : 2 * west - x[4]);
    set(9, has_first_ ? north + c - cn : 2 * north - x[5]);
    set(10, has_first_ ? plane + c - cw - cn + cnw : (west + north + x[2] + x[3]) * 0.25);
    set(11, has_first_ ? (west + north) * 0.5 + c - (cw + cn) * 0.5 : west);
  }

  // How large the error will be, from those around.
  void estimate(const LaneState& /*lane*/) {
    const uint32_t pixel = layout_.channels, row = layout_.row / width;
    const auto error = [&](uint64_t back) -> uint64_t {
      return back < kErrors && back <= index_ ? power(log_error_[(index_ - back) % kErrors]) : power(slow());
    };
    uint64_t sum;
    if (flat)
      sum = (3 * error(pixel) + 2 * error(2 * pixel) + error(3 * pixel) + error(4 * pixel) + power(slow())) / 8;
    else
      sum = (2 * error(pixel) + 2 * error(row) + error(row + pixel) + error(row - pixel) + error(2 * pixel) +
             (has_first_ ? error(1) : error(2 * row))) /
            8;
    scale = log8(sum + 2);
    const auto apart = [](uint32_t a, uint32_t b) -> uint64_t { return a > b ? a - b : b - a; };
    roughness = log8((apart(near[0], near[2]) + apart(near[1], near[2]) + apart(near[1], near[3])) * 16 / 3 + 1);
  }

  uint32_t slow() const { return uint32_t(slow_error_[channel % kChannels] >> 16); }
  static uint64_t power(uint32_t log4) { return (uint64_t(4 + (log4 & 3)) << (log4 >> 2)) >> 2; }

  void learn(uint32_t actual) {
    const uint32_t c = channel % kChannels;
    for (int i = 0; i < kPredictions; ++i) {
      const int64_t e = prediction[i] - int64_t(actual) * 16;
      error_[c][i] += (double(e < 0 ? -e : e) - error_[c][i]) * 0.0625;
    }
    const int64_t e = prediction[kMean] - int64_t(actual) * 16;
    const uint32_t log4 = log8(uint64_t(e < 0 ? -e : e) + 1) / 2;
    log_error_[index_ % kErrors] = uint8_t(log4);
    slow_error_[c] += (int32_t(log4 << 16) - slow_error_[c]) / 64;
    Fitted& f = fitted_[c];
    const double y = numbers_.value(actual) - base_[0];
    f.more.update(input_, y, 0.998, numbers_.ridge());
    f.few.update(input_, y, 0.98, numbers_.ridge());
    if (!local_) f.third.update(input_, y, flat ? 0.998 : 0.9996, numbers_.ridge());
  }

  uint32_t segment_ = 0;
  SampleLayout layout_;
  SampleNumbers numbers_{SampleLayout()};
  bool local_ = false;                      // a picture, whose third fitted prediction is that of a window
  int seen_ = kAll;                         // neighbours that are looked at
  int64_t furthest_ = 0;                    // bytes back to the furthest of them
  int left_[kChannels] = {-1, -1, -1, -1};  // numbers of the window in the row itself, of each channel
  bool started_ = false, has_first_ = false;
  uint32_t missing_ = 0;
  uint64_t index_ = 0;  // of the number in the segment
  double input_[kAll] = {};
  double base_[3] = {};
  std::array<std::array<Neighbour, kAll>, 16> neighbour_ = {};
  Fitted fitted_[kChannels];
  double error_[kChannels][kPredictions] = {};  // of late, in sixteenths
  int32_t slow_error_[kChannels] = {};          // the mean of log4, in 2^-16
  uint8_t log_error_[kErrors] = {};             // of the last numbers: 4 log2 of the error
};

}  // namespace nzip::engine1::NZIP_ISA
