// Contexts of arrays of numbers: where predictions of the number put its next byte, and the numbers around.
#pragma once

#include <cstdint>

#include "engine1/contexts/full.hpp"
#include "engine1/samples/state.hpp"

namespace nzip::engine1::NZIP_ISA {

// Where a prediction puts the next byte: its value, beyond 0 to 255 where the bytes so far contradict it, with as many
// bits less or more as the error to be expected has. finer: how many more.
inline uint64_t expected_byte(const SampleState& n, int i, int finer) {
  const int rest = 8 * int(n.bytes - n.byte);  // bits from the next byte on
  if (rest <= 0) return 0;
  const int64_t apart = n.prediction[i] - (int64_t(n.prefix) << (rest + 4));
  const int unit = rest - 4, noise = int(n.scale / 8) - finer, drop = noise > unit - 4 ? noise : unit - 4;
  const int64_t low = -(int64_t(32) << unit), high = int64_t(288) << unit;
  const int64_t held = apart < low ? low : apart > high ? high : apart;
  return uint64_t(held >> (drop > 0 ? drop : 0)) & 0xffffff;
}

inline void sample_contexts(const SampleState& n, const LaneState& s, uint64_t* h) {
  const auto e = [&](int i, int finer = 1) { return expected_byte(n, i, finer); };
  // The bytes so far, for contexts of the numbers themselves.
  const uint64_t so_far = uint64_t(n.byte) << 40 | n.prefix;
  const auto exact = [&](uint64_t salt, uint64_t a, uint64_t b = 0) { return mix(salt, mix(so_far, a) + mix(b, 5)); };
  // How well the bytes so far agree with the best prediction comes into all others through e().
  const uint64_t place = n.byte | uint64_t(n.channel) << 4, rough = n.roughness / 8, scale = n.scale / 4;
  const auto by = [&](uint64_t salt, uint64_t a, uint64_t b = 0) {
    return mix(mix(salt + 200, place | scale / 4 << 8), a << 24 | b);
  };
  const uint64_t mean = e(SampleState::kMean, 0);
  h[0] = by(0, e(SampleState::kMean, 2), scale);
  h[1] = by(1, e(0, 2), rough);
  h[2] = by(2, e(1), mean);
  h[3] = by(3, e(2, 2));
  h[4] = by(4, e(3), rough);
  h[5] = by(5, e(4), mean);
  h[6] = by(6, e(5), e(8, 0));
  h[7] = by(7, e(6), mean);
  h[8] = by(8, e(7), e(9, 0));
  h[9] = by(9, e(8), mean);
  h[10] = by(10, e(9), mean);
  h[11] = by(11, e(10), mean);
  h[12] = by(12, e(3, 0), e(8, 0));
  h[13] = by(13, e(11), e(0, 0));
  h[14] = by(14, e(SampleState::kMean), mix(e(3, -1), e(9, -1)) & 0xffffff);
  h[15] = exact(215, n.near[0], n.near[1]);
  h[16] = exact(216, n.near[0]);
  h[17] = exact(217, n.near[1]);
  h[18] = exact(218, n.near[6], n.near[7]);
  h[19] = exact(219, mix(n.near[0], n.near[1]), mix(n.near[2], n.near[3]));
  h[20] = exact(220, n.near[0], n.near[4]);
  h[21] = exact(221, n.near[1], n.near[3]);
  h[22] = exact(222, n.channel);
  h[23] = exact(223, mix(n.column, 1), n.near[1]);
  h[24] = mix(mix(224, s.last_bytes(2)), n.byte);
  h[25] = mix(mix(225, s.last_bytes(4)), n.byte);
  h[26] = mix(mix(226, s.last_bytes(6)), n.byte);
  h[27] = mix(mix(227, s.last8), n.byte);
}

}  // namespace nzip::engine1::NZIP_ISA
