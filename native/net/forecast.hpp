// A network's predictions of the bytes of a block's lanes, round by round.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "cm/engine.hpp"
#include "cm/lanes.hpp"
#include "net/lane.hpp"

namespace nzip {

class LaneForecasts {
 public:
  explicit LaneForecasts(std::shared_ptr<const Network> network);

  // plain: the block, filled before each call of begin_round up to the round before, and for a depth above 1 up to the
  // depth - 1 rounds after: an encoder knows the plaintext and has many positions evaluated at once. Bytes of packed
  // segments are neither predicted nor seen.
  void begin_block(const uint8_t* plain, const LaneCut& cut, uint32_t lanes, uint32_t depth,
                   std::span<const Segment> segments);

  void begin_round(uint32_t round);

  // Of a lane's byte of this round.
  const uint32_t* weights(uint32_t lane) const { return weights_[lane * depth_ + round_ % depth_].value; }

 private:
  struct Lane {
    NetworkLane network;
    size_t segment = 0;        // the first that its bytes have not reached
    uint64_t segment_end = 0;  // offset in the block of that one's first byte
    bool saw_last = false;     // the byte before the next one is not packed
  };

  bool packed(Lane& lane, uint64_t offset) const;

  std::shared_ptr<const Network> network_;
  std::unique_ptr<NetworkEvaluator> evaluator_;
  const uint8_t* plain_ = nullptr;
  LaneCut cut_{0, 0, 1};
  uint32_t depth_ = 1, round_ = 0;
  std::span<const Segment> segments_;
  std::vector<Lane> lanes_;
  std::vector<NetworkColumn> columns_;
  std::vector<ByteWeights> weights_;  // lane by lane, `depth_` of each
};

}  // namespace nzip
