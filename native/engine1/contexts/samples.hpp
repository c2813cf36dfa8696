// Contexts of arrays of numbers: where predictions of the number put its next byte, and the numbers around.
#pragma once

#include <cstdint>
#include <tuple>

#include "engine1/contexts/bytes.hpp"
#include "engine1/samples/state.hpp"

namespace nzip::engine1::NZIP_ISA::contexts {

// Of a lane that keeps predictions of numbers.
struct Samples : View {
  static constexpr int kMean = SampleState::kMean;

  template <class Lane>
  Samples(const Lane& lane, const uint8_t* history, const uint16_t* followers)
      : View(lane, history, followers),
        n(*lane.numbers),
        so_far(uint64_t(n.byte) << 40 | n.prefix),
        place(n.byte | uint64_t(n.channel) << 4),
        rough(n.roughness / 8),
        scale(n.scale / 4),
        mean(expected(kMean, 0)) {}
  const SampleState& n;
  uint64_t so_far;        // the bytes of the number so far
  uint64_t place;         // which byte of which channel comes next
  uint64_t rough, scale;  // classes of how far the numbers around are apart, and of the error to be expected
  uint64_t mean;          // the next byte by the mean of all predictions

  // Where a prediction puts the next byte: its value, beyond 0 to 255 where the bytes so far contradict it, with as
  // many bits less or more as the error to be expected has. finer: how many more.
  uint64_t expected(int i, int finer = 1) const {
    const int rest = 8 * int(n.bytes - n.byte);  // bits from the next byte on
    if (rest <= 0) return 0;
    const int64_t apart = n.prediction[i] - (int64_t(n.prefix) << (rest + 4));
    const int unit = rest - 4, noise = int(n.scale / 8) - finer, drop = noise > unit - 4 ? noise : unit - 4;
    const int64_t low = -(int64_t(32) << unit), high = int64_t(288) << unit;
    const int64_t held = apart < low ? low : apart > high ? high : apart;
    return uint64_t(held >> (drop > 0 ? drop : 0)) & 0xffffff;
  }

  // Contexts by predictions. How well the bytes so far agree with the best one comes in through expected().
  uint64_t by(uint64_t number, uint64_t a, uint64_t b = 0) const {
    return mix(mix(number + 200, place | scale / 4 << 8), a << 24 | b);
  }
  // Contexts of the numbers themselves.
  uint64_t exact(uint64_t number, uint64_t a, uint64_t b = 0) const { return mix(number, mix(so_far, a) + mix(b, 5)); }
  uint64_t order(uint64_t number, uint64_t bytes) const { return mix(mix(number, bytes), n.byte); }
};

inline constexpr auto kSamplesRows = std::tuple_cat(
    std::tuple{
        Row{"mean, scale", [](const Samples& v) { return v.by(0, v.expected(v.kMean, 2), v.scale); }},
        Row{"prediction 0, roughness", [](const Samples& v) { return v.by(1, v.expected(0, 2), v.rough); }},
        Row{"prediction 1, mean", [](const Samples& v) { return v.by(2, v.expected(1), v.mean); }},
        Row{"prediction 2", [](const Samples& v) { return v.by(3, v.expected(2, 2)); }},
        Row{"prediction 3, roughness", [](const Samples& v) { return v.by(4, v.expected(3), v.rough); }},
        Row{"prediction 4, mean", [](const Samples& v) { return v.by(5, v.expected(4), v.mean); }},
        Row{"predictions 5 8", [](const Samples& v) { return v.by(6, v.expected(5), v.expected(8, 0)); }},
        Row{"prediction 6, mean", [](const Samples& v) { return v.by(7, v.expected(6), v.mean); }},
        Row{"predictions 7 9", [](const Samples& v) { return v.by(8, v.expected(7), v.expected(9, 0)); }},
        Row{"prediction 8, mean", [](const Samples& v) { return v.by(9, v.expected(8), v.mean); }},
        Row{"prediction 9, mean", [](const Samples& v) { return v.by(10, v.expected(9), v.mean); }},
        Row{"prediction 10, mean", [](const Samples& v) { return v.by(11, v.expected(10), v.mean); }},
        Row{"predictions 3 8", [](const Samples& v) { return v.by(12, v.expected(3, 0), v.expected(8, 0)); }},
        Row{"predictions 11 0", [](const Samples& v) { return v.by(13, v.expected(11), v.expected(0, 0)); }},
        Row{"mean, predictions 3 9",
            [](const Samples& v) {
              return v.by(14, v.expected(v.kMean), mix(v.expected(3, -1), v.expected(9, -1)) & 0xffffff);
            }},
        Row{"numbers 0 1", [](const Samples& v) { return v.exact(215, v.n.near[0], v.n.near[1]); }},
        Row{"number 0", [](const Samples& v) { return v.exact(216, v.n.near[0]); }},
        Row{"number 1", [](const Samples& v) { return v.exact(217, v.n.near[1]); }},
        Row{"numbers 6 7", [](const Samples& v) { return v.exact(218, v.n.near[6], v.n.near[7]); }},
        Row{"numbers 0 1 2 3",
            [](const Samples& v) {
              return v.exact(219, mix(v.n.near[0], v.n.near[1]), mix(v.n.near[2], v.n.near[3]));
            }},
        Row{"numbers 0 4", [](const Samples& v) { return v.exact(220, v.n.near[0], v.n.near[4]); }},
        Row{"numbers 1 3", [](const Samples& v) { return v.exact(221, v.n.near[1], v.n.near[3]); }},
        Row{"channel", [](const Samples& v) { return v.exact(222, v.n.channel); }},
        Row{"column, number 1", [](const Samples& v) { return v.exact(223, mix(v.n.column, 1), v.n.near[1]); }},
        Row{"order 2", [](const Samples& v) { return v.order(224, v.s.last_bytes(2)); }},
        Row{"order 4", [](const Samples& v) { return v.order(225, v.s.last_bytes(4)); }},
        Row{"order 6", [](const Samples& v) { return v.order(226, v.s.last_bytes(6)); }},
        Row{"order 8", [](const Samples& v) { return v.order(227, v.s.last8); }},
    },
    kGeneralRows);

}  // namespace nzip::engine1::NZIP_ISA::contexts
