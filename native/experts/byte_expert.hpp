// What predicts bytes beside an engine's own contexts: distributions of the next byte of each lane of a block, which
// the engine's mixer takes for opinions.
#pragma once

#include <cstdint>
#include <span>

#include "base/lanes.hpp"
#include "base/segments.hpp"
#include "base/stop.hpp"

namespace nzip {

// As files number them. An engine takes kLanguageModel for both kinds of language models.
enum class ExpertKind : uint32_t {
  kNetwork = 1,
  kReference = 2,
  kLanguageModel = 3,
  kExactLanguageModel = 4,
  kLearner = 5
};

class ByteExpert {
 public:
  virtual ~ByteExpert() = default;

  // All lanes are at their start. plain: the block, filled before each call of begin_round up to the round before; with
  // is_known all of it is there, so that many positions may be evaluated at once.
  virtual void begin_block(const uint8_t* plain, bool is_known, const LaneCut& cut, uint32_t lanes,
                           std::span<const Segment> segments) = 0;
  // Rounds come in order. before: the expert that stands before this one in its engine and has begun the round; null
  // for the first one.
  virtual void begin_round(uint32_t round, const ByteExpert* before, const Stop& stop) = 0;
  // Of the 256 values of a lane's byte of this round: each at least 1, the sum below 2^31. Null where it knows nothing.
  virtual const uint32_t* weights(uint32_t lane) const = 0;
};

}  // namespace nzip
