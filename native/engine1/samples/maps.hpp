// From the predictions of a number to the probability of its next bit: adaptive maps by how far the middle of the
// interval that the bits so far leave lies from a prediction, and how wide it is, both against the expected error. So
// the maps learn the shape of the errors' distribution, whatever their size.
#pragma once

#include <cstdint>

#include "engine1/samples/state.hpp"

namespace nzip::engine1::NZIP_ISA {

class SampleBit {
 public:
  // A map for each prediction against the error that is expected here, one against the prediction's own errors (but for
  // the last), and three more of the best ones.
  static constexpr int kMaps = 2 * SampleState::kPredictions + 2, kContexts = 4096;

  // byte: the next byte's bits so far with a leading 1; bit: their number.
  SampleBit(const SampleState& n, uint32_t byte, uint32_t bit) : n_(n) {
    const int rest = 8 * int(n.bytes - n.byte) - int(bit);  // bits not coded yet
    known_ = rest > 0;
    if (!known_) return;
    const int64_t value = int64_t(n.prefix) << bit | (byte ^ 1u << bit);
    middle_ = (value << 1 | 1) << (rest + 3);
    half_ = uint32_t(rest - 1);
  }

  bool known() const { return known_; }  // whether the bit is one that is predicted

  uint32_t context(int map) const {
    if (!known_) return 0;
    constexpr int kAll = SampleState::kPredictions, kMean = SampleState::kMean;
    const uint32_t channel = (n_.channel & 3) << 10;
    if (map < kAll) return relative(map, n_.scale);
    if (map < 2 * kAll - 1) return relative(map - kAll, n_.own_scale(map - kAll)) | channel;
    if (map == 2 * kAll - 1) return relative(kMean, n_.roughness + 4);
    if (map == 2 * kAll) return relative(0, n_.roughness + 4) | channel;
    const uint32_t far = distance(kMean) / 3;
    return half_ << 7 | above(kMean) << 6 | (far < 63 ? far : 63);
  }

  // Where the best prediction lies, in 32 classes.
  uint32_t side() const {
    return known_ ? above(SampleState::kMean) << 4 | relative(SampleState::kMean, n_.scale) % 32 / 2 : 0;
  }
  uint32_t half() const { return known_ ? half_ : 0; }

 private:
  uint32_t above(int i) const { return middle_ > n_.prediction[i]; }
  uint32_t distance(int i) const {
    const int64_t d = middle_ - n_.prediction[i];
    return log8(uint64_t(d < 0 ? -d : d) + 1);
  }
  uint32_t relative(int i, uint32_t scale) const {
    const int far = (int(distance(i)) - int(scale)) / 2 + 20, wide = (int(half_ + 4) * 8 - int(scale)) / 4 + 8;
    return uint32_t(wide < 0    ? 0
                    : wide > 15 ? 15
                                : wide)
               << 6 |
           above(i) << 5 |
           uint32_t(far < 0    ? 0
                    : far > 31 ? 31
                               : far);
  }

  const SampleState& n_;
  bool known_;
  int64_t middle_ = 0;  // of the interval, in sixteenths
  uint32_t half_ = 0;   // log2 of half its width
};

}  // namespace nzip::engine1::NZIP_ISA
