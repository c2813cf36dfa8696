// An expert that is no part of the engine: distributions of the bytes of a block's lanes, for the mixer.
#pragma once

#include <cstdint>
#include <span>

#include "base/lanes.hpp"
#include "base/segments.hpp"
#include "base/stop.hpp"

namespace nzip {

class LaneForecasts;

class ByteExpert {
 public:
  virtual ~ByteExpert() = default;

  // plain: the block, of which nothing is looked at that was not coded before a round.
  virtual void begin_block(const uint8_t* plain, const LaneCut& cut, uint32_t lanes,
                           std::span<const Segment> segments) = 0;
  // Before the bytes of a round, which the network has predicted already.
  virtual void begin_round(uint32_t round, const LaneForecasts& network, const Stop& stop) = 0;
  // Of the 256 values of a lane's byte of this round: each at least 1, the sum below 2^31. Null where it knows nothing.
  virtual const uint32_t* weights(uint32_t lane) const = 0;
};

}  // namespace nzip
