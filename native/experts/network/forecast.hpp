// A network's predictions of the bytes of a block's lanes, round by round.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/lanes.hpp"
#include "base/segments.hpp"
#include "experts/byte_expert.hpp"
#include "experts/network/block_inputs.hpp"
#include "experts/network/cells.hpp"
#include "experts/network/exchange.hpp"
#include "experts/network/relay.hpp"

namespace nzip {

class LaneForecasts final : public ByteExpert {
 public:
  // With an exchange, predictions come from there, as long as it has a device. Else so many threads help with a block
  // that is known.
  LaneForecasts(std::shared_ptr<const Network> network, std::shared_ptr<Exchange> exchange, uint32_t helpers);
  ~LaneForecasts() override;
  LaneForecasts(const LaneForecasts&) = delete;
  LaneForecasts& operator=(const LaneForecasts&) = delete;

  // The most bytes that one takes for so many lanes, beside the network.
  static uint64_t memory(const Network& network, uint32_t lanes, bool has_exchange);

  // Bytes of packed segments are neither predicted nor seen.
  void begin_block(const uint8_t* plain, bool is_known, const LaneCut& cut, uint32_t lanes,
                   std::span<const Segment> segments) override;
  void begin_round(uint32_t round, const ByteExpert* before, const Stop& stop) override;
  const uint32_t* weights(uint32_t lane) const override { return current_[lane * depth_ + round_ % depth_].value; }

 private:
  struct Lane {
    NetworkCells cells;
    size_t segment = 0;        // the first that its bytes have not reached
    uint64_t segment_end = 0;  // offset in the block of that one's first byte
    bool sees = false;         // its byte of the last round is not packed
  };

  void end_block();
  void start_lanes(uint32_t count);
  bool packed(Lane& lane, uint64_t offset) const;
  void start_relay();
  template <class Call>
  void each_position(uint32_t first, Call call);
  void fill(uint32_t first, std::vector<NetworkColumn>& columns, ByteWeights* out);
  void evaluate(uint32_t round, const Stop& stop);
  bool ask(const Stop& stop);
  void take_over(const Stop& stop);

  std::shared_ptr<const Network> network_;
  std::shared_ptr<const NetworkEvaluator> evaluator_;
  std::unique_ptr<NetworkResiduals> scratch_;  // made where it is needed
  std::shared_ptr<Exchange> exchange_;
  std::optional<Exchange::Block> block_;  // with a device; none: evaluated here
  std::vector<int32_t> rows_;             // of each position, as weights_
  uint32_t helpers_;
  std::unique_ptr<Relay> relay_;  // where threads help; reads what follows, and has the lanes to itself
  const uint8_t* plain_ = nullptr;
  LaneCut cut_{0, 0, 1};
  uint32_t depth_ = 1, round_ = 0;  // positions of each lane that are evaluated at once
  std::span<const Segment> segments_;
  std::unique_ptr<BlockInputs> inputs_;
  std::vector<Lane> lanes_;
  std::vector<NetworkColumn> columns_;
  std::vector<ByteWeights> weights_;      // lane by lane, `depth_` of each
  const ByteWeights* current_ = nullptr;  // these, or the relay's
};

}  // namespace nzip
