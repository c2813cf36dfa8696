#include "experts/token/distribution.hpp"

#include <limits>

namespace nzip {

const std::array<uint32_t, 1024> kPowers = [] {
  constexpr uint64_t kRoot = 4292061010;  // 2^(32 - 1/1024)
  std::array<uint32_t, 1024> powers;
  uint64_t x = 0xffffffff;
  for (uint32_t& power : powers) {
    power = uint32_t(x >> 1);
    x = (x * kRoot) >> 32;
  }
  return powers;
}();

void below_top(const float* logits, const Vocabulary& vocabulary, uint16_t* to) {
  constexpr float kUnits = 1477.3197218702985f;  // of 1/1024 bit, in a nat
  float top = -std::numeric_limits<float>::infinity();
  for (uint32_t id : vocabulary.order()) top = logits[id] > top ? logits[id] : top;
  for (uint32_t id : vocabulary.order()) {
    const float below = (top - logits[id]) * kUnits;
    *to++ = below < float(kLeast) ? uint16_t(below) : kLeast;
  }
}

void below_top(const int32_t* logits, const Vocabulary& vocabulary, uint16_t* to) {
  constexpr uint64_t kUnits = 96817625;  // of 1/1024 bit, in 2^-16 nats, times 2^32
  int32_t top = std::numeric_limits<int32_t>::min();
  for (uint32_t id : vocabulary.order()) top = std::max(top, logits[id]);
  for (uint32_t id : vocabulary.order())
    *to++ = uint16_t(std::min<uint64_t>(uint64_t(int64_t(top) - logits[id]) * kUnits >> 32, kLeast));
}

Distribution::Distribution(const uint16_t* below, uint32_t size, const BiasHead& head) : sum_(size + 1) {
  std::vector<int32_t> score(size);  // with their biases, in 1/1024 bit
  int32_t best = std::numeric_limits<int32_t>::min();
  for (uint32_t i = 0; i < size; ++i) {
    score[i] = head.of(i) - below[i];
    best = std::max(best, score[i]);
  }
  uint64_t sum = 0;
  for (uint32_t i = 0; i < size; ++i) {
    sum += mass_of(uint32_t(best - score[i]));
    sum_[i + 1] = sum;
  }
}

void BiasHead::learn(const Distribution& expected, uint32_t place) {
  const uint64_t inverse = (uint64_t(1) << 63) / expected.mass();  // a mass is below 2^32: the product fits
  for (uint32_t i = 0; i < bias_.size(); ++i) {
    const uint64_t p32 = (expected.mass(i, i + 1) * inverse) >> 31;
    bias_[i] = std::max(bias_[i] - int32_t((p32 * kRate) >> 32), -kMost);
  }
  bias_[place] = std::min(bias_[place] + int32_t(kRate), kMost);
}

}  // namespace nzip
