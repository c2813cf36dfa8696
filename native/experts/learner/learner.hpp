// A small recurrent network that learns from the bytes of one lane alone, while they are coded.
#pragma once

#include <cstdint>
#include <memory>

namespace nzip {

class Learner {
 public:
  virtual ~Learner() = default;

  // Learns that the byte c came, at first that the lane begins behind c, and gives the weights of the next one's 256
  // values: each at least 1, the sum at most 2^23. base: weights that it learns to correct, or null.
  virtual void next(uint8_t c, const uint32_t* base, uint32_t* weights) = 0;
};

}  // namespace nzip
