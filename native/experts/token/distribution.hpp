// A language model's distribution of the next token, as integers.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "experts/token/vocabulary.hpp"

namespace nzip {

class Distribution;

constexpr uint16_t kLeast = 32 << 10;  // what lies further below the top makes no difference

// How far logits are below the largest of those that stand for something, in 1/1024 bit, at most kLeast: in the
// vocabulary's order. Logits are given by id; in nats, where what is no number counts as the least likely, or as
// integers in 2^-16 nats.
void below_top(const float* logits, const Vocabulary& vocabulary, uint16_t* to);
void below_top(const int32_t* logits, const Vocabulary& vocabulary, uint16_t* to);

// Adds to each token's logit what the text so far says was missing there (as Nacrith's bias head): each token moves the
// biases against the gradient of its cost.
class BiasHead {
 public:
  explicit BiasHead(const Vocabulary& vocabulary) : bias_(vocabulary.order().size()) {}

  // Takes a token, by its place in the order, that came where it was expected so.
  void learn(const Distribution& expected, uint32_t place);

  int32_t of(uint32_t place) const { return bias_[place] >> kFraction; }

 private:
  static constexpr int kFraction = 16;
  static constexpr uint32_t kRate = 96818;                  // 0.001 nats in 2^-16 of 1/1024 bit
  static constexpr int32_t kMost = 16 << (10 + kFraction);  // 16 bits

  std::vector<int32_t> bias_;  // in 2^-16 of 1/1024 bit
};

extern const std::array<uint32_t, 1024> kPowers;  // 2^(31 - i / 1024), by multiplication of integers

// How likely a token is that is so far below the top, beside others.
inline uint32_t mass_of(uint32_t below) { return std::max(kPowers[below & 1023] >> std::min(below >> 10, 31u), 1u); }

class Distribution {
 public:
  // below: what below_top gives for a vocabulary of so many tokens.
  Distribution(const uint16_t* below, uint32_t size, const BiasHead& head);

  // Of the tokens at these places of the order, below 2^55 for all.
  uint64_t mass(uint32_t begin, uint32_t end) const { return sum_[end] - sum_[begin]; }
  uint64_t mass() const { return sum_.back(); }

 private:
  std::vector<uint64_t> sum_;  // of the masses before each place
};

}  // namespace nzip
