// Bits, each predicted by several contexts whose opinions a small mixer weighs.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "coder/range_coder.hpp"
#include "transforms/jpeg/eight.hpp"
#include "transforms/jpeg/logistic.hpp"

namespace nzip::jpeg {

// What both coders look like to a model: code() takes the bit to encode, or any, with the probability of a 1 in 16
// bits, and returns the bit.
class Encoding {
 public:
  static constexpr bool kEncodes = true;
  Encoding(uint8_t* out, size_t capacity) : coder_(out, capacity) {}
  int code(int bit, uint32_t p) {
    coder_.encode_bit(bit, p << 16);
    return bit;
  }
  size_t finish() { return coder_.finish(); }
  bool failed() const { return coder_.overflowed(); }

 private:
  RangeEncoder coder_;
};
class Decoding {
 public:
  static constexpr bool kEncodes = false;
  explicit Decoding(std::span<const uint8_t> in) : coder_(in.data(), in.size()) {}
  int code(int, uint32_t p) { return coder_.decode_bit(p << 16); }
  bool failed() const { return coder_.exhausted(); }

 private:
  RangeDecoder coder_;
};

// What is known of a bit in a context: a probability in 22 bits, and below it how often it has learned, in 10.
using Slot = uint32_t;
constexpr Slot kNewSlot = Slot(1) << 31;
constexpr uint32_t kMostLearned = 255;

// By how often a slot has learned: the part by which it learns more, in 16 bits, its trust, in 8, and what counts that
// it has learned.
struct Learning {
  uint16_t rate;
  uint8_t trust, step;
};
inline constexpr std::array<Learning, kMostLearned + 1> kLearning = [] {
  std::array<Learning, kMostLearned + 1> all{};
  for (uint32_t n = 0; n <= kMostLearned; ++n)
    all[n] = {uint16_t(65536 / (n + 2)), uint8_t(n * 512 / (2 * n + 5)), n < kMostLearned};
  return all;
}();

// A bit that one context predicts alone.
template <class Coder>
int code_alone(Coder& coder, int bit, Slot& slot) {
  bit = coder.code(bit, std::clamp(slot >> 16, 64u, 65536u - 64));
  const int32_t old = int32_t(slot >> 10), target = (bit << 22) - bit;
  slot = uint32_t(old + ((target - old) >> 6)) << 10;
  return bit;
}

constexpr size_t kContexts = 6;

class Mixer {
 public:
  using Lines = std::array<Slot*, kContexts>;

  // Codes a bit. Each context's slot is `node` behind the start of its line.
  template <class Coder>
  int code(Coder& coder, int bit, const Lines& lines, uint32_t node) {
    std::array<Slot, kContexts> slots;
    std::array<int, kContexts> opinions;
    for (size_t i = 0; i < kContexts; ++i) {
      slots[i] = lines[i][node];
      opinions[i] = kLogistic.stretch(slots[i] >> 20) * kLearning[slots[i] & 1023].trust >> 8;
    }
    const Eight inputs(opinions[0], opinions[1], opinions[2], opinions[3], opinions[4], opinions[5], kBias, 0);
    Eight weights = Eight::load(weights_.data());
    const int x = std::clamp(weights.dot(inputs) >> 12, -Logistic::kMost, Logistic::kMost);
    const uint32_t p = kLogistic.squash(x);
    bit = coder.code(bit, p);

    weights.learn(inputs, ((bit << 16) - int(p)) * kStep >> 8);
    weights.store(weights_.data());
    const int32_t target = (bit << 22) - bit;
    for (size_t i = 0; i < kContexts; ++i) {
      const Slot old = slots[i] & 1023 ? slots[i] : p << 16;  // what has never learned begins where the mixer is
      const Learning& learning = kLearning[old & 1023];
      const int32_t by = int32_t(int64_t(target - int32_t(old >> 10)) * learning.rate >> 16);
      lines[i][node] = old + (uint32_t(by) << 10) + learning.step;
    }
    return bit;
  }

 private:
  static constexpr int kBias = 64, kStep = 24;

  alignas(16) std::array<int16_t, 8> weights_{1170, 1170, 1170, 1170, 1170, 1170};  // in 12 bits
};

}  // namespace nzip::jpeg
