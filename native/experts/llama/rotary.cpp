#include "experts/llama/rotary.hpp"

#include <utility>

namespace nzip::llama {
namespace {

// Of a part of a turn in 2^-64.
Turn turn_by(uint64_t part) {
  constexpr int64_t kOne = int64_t(1) << 30, kQuarter = 1686629713;  // pi / 2
  const int quadrant = int(part >> 62);
  int64_t rest = int64_t(part >> 30 & 0xffffffff);  // of a quarter, in 2^-32
  const bool swap = rest > int64_t(1) << 31;
  if (swap) rest = (int64_t(1) << 32) - rest;
  const int64_t x = rest * kQuarter >> 32, square = x * x >> 30;
  int64_t s = kOne, c = kOne;
  for (int64_t divisor : {110, 72, 42, 20, 6}) s = kOne - (square * s >> 30) / divisor;
  for (int64_t divisor : {132, 90, 56, 30, 12, 2}) c = kOne - (square * c >> 30) / divisor;
  s = x * s >> 30;
  if (swap) std::swap(s, c);
  const int32_t sine = int32_t(s), cosine = int32_t(c);
  switch (quadrant) {
    case 0:
      return {cosine, sine};
    case 1:
      return {-sine, cosine};
    case 2:
      return {-cosine, -sine};
    default:
      return {sine, -cosine};
  }
}

}  // namespace

void turns_at(std::span<const uint64_t> frequencies, uint64_t position, Turn* to) {
  for (uint64_t frequency : frequencies) *to++ = turn_by(frequency * position);
}

void turn(const int32_t* from, std::span<const Turn> turns, int64_t* to) {
  constexpr int64_t kHalf = int64_t(1) << 29;
  for (const Turn& t : turns) {
    const int64_t a = from[0], b = from[1];
    to[0] = (a * t.cosine - b * t.sine + kHalf) >> 30;
    to[1] = (a * t.sine + b * t.cosine + kHalf) >> 30;
    from += 2;
    to += 2;
  }
}

}  // namespace nzip::llama
