#include "experts/network/forecast.hpp"

#include <algorithm>

namespace nzip {
namespace {

constexpr uint32_t kExchangeColumns = 4096;  // positions of a known block for which an exchange is asked at once

}  // namespace

LaneForecasts::LaneForecasts(std::shared_ptr<const Network> network, std::shared_ptr<Exchange> exchange,
                             uint32_t helpers)
    : network_(std::move(network)),
      evaluator_(make_evaluator(network_)),
      exchange_(std::move(exchange)),
      helpers_(helpers) {}

uint64_t LaneForecasts::memory(const Network& network, uint32_t lanes, bool has_exchange) {
  constexpr uint64_t kSlack = uint64_t(1) << 20;  // alignment and the like
  constexpr uint64_t kGrown = 2;                  // a list that grows may have twice the room
  const uint64_t cells = sizeof(int32_t) * uint64_t(network.channels) * uint64_t(network.layers);
  const uint64_t here = std::max<uint64_t>(lanes, kBatchColumns);
  uint64_t bytes = kSlack + lanes * (kGrown * sizeof(Lane) + cells) + inputs_memory(network.architecture, lanes) +
                   here * (sizeof(ByteWeights) + kGrown * sizeof(NetworkColumn)) + sizeof(NetworkResiduals) +
                   Relay::memory();
  if (has_exchange) {
    const uint64_t there = std::max<uint64_t>(lanes, kExchangeColumns);
    bytes += there * (sizeof(ByteWeights) + sizeof(int32_t) * uint64_t(network.input_tables()));
  }
  return bytes;
}

LaneForecasts::~LaneForecasts() { end_block(); }

void LaneForecasts::begin_block(const uint8_t* plain, bool is_known, const LaneCut& cut, uint32_t lanes,
                                std::span<const Segment> segments) {
  end_block();
  if (exchange_) block_ = exchange_->begin();
  const uint32_t columns = block_ ? kExchangeColumns : uint32_t(kBatchColumns);
  plain_ = plain;
  cut_ = cut;
  depth_ = is_known && lanes < columns ? columns / lanes : 1;
  segments_ = segments;
  start_lanes(lanes);
  if (is_known && helpers_ && !block_ && lanes <= columns) return start_relay();
  weights_.resize(size_t(lanes) * depth_);
  current_ = weights_.data();
  if (block_) rows_.resize(weights_.size() * size_t(network_->input_tables()));
}

void LaneForecasts::start_relay() {
  relay_ = std::make_unique<Relay>(evaluator_, helpers_, (cut_.rounds() + depth_ - 1) / depth_,
                                   [this](uint32_t batch, std::vector<NetworkColumn>& columns, ByteWeights* out) {
                                     fill(batch * depth_, columns, out);
                                   });
}

void LaneForecasts::end_block() {
  relay_.reset();
  if (block_) exchange_->end(*block_);
  block_.reset();
}

void LaneForecasts::start_lanes(uint32_t count) {
  inputs_ = make_inputs(network_->architecture, plain_, cut_, count);
  lanes_.clear();
  for (uint32_t i = 0; i < count; ++i) lanes_.push_back({NetworkCells(*network_)});
}

bool LaneForecasts::packed(Lane& lane, uint64_t offset) const {
  while (lane.segment_end <= offset) lane.segment_end += segments_[lane.segment++].length;
  return segments_[lane.segment - 1].kind == kPacked;
}

void LaneForecasts::begin_round(uint32_t round, const ByteExpert* /*before*/, const Stop& stop) {
  round_ = round;
  if (round % depth_) return;
  if (block_) {
    if (ask(stop)) return;
    take_over(stop);
  }
  if (relay_)
    current_ = relay_->next();
  else
    evaluate(round, stop);
}

// Calls call(lane, round, place) for every position of `depth_` rounds that is predicted, round by round; the place is
// the position's in weights_.
template <class Call>
void LaneForecasts::each_position(uint32_t first, Call call) {
  for (uint32_t round = first; round < first + depth_; ++round) {
    for (uint32_t i = 0; i < lanes_.size(); ++i)
      if (lanes_[i].sees) inputs_->push(i, round - 1);
    for (uint32_t i = 0; i < lanes_.size(); ++i) {
      Lane& lane = lanes_[i];
      lane.sees = round < cut_.size(i) && !packed(lane, cut_.begin(i) + uint64_t(round));
      if (lane.sees) call(i, round, size_t(i) * depth_ + round - first);
    }
  }
}

void LaneForecasts::fill(uint32_t first, std::vector<NetworkColumn>& columns, ByteWeights* out) {
  each_position(first, [&](uint32_t lane, uint32_t round, size_t place) {
    NetworkColumn& column = columns.emplace_back();
    column.cells = lanes_[lane].cells.data();
    column.out = out + place;
    inputs_->rows(lane, round, column.row);
  });
}

void LaneForecasts::evaluate(uint32_t round, const Stop& stop) {
  if (!scratch_) scratch_ = std::make_unique<NetworkResiduals>();
  columns_.clear();
  fill(round, columns_, weights_.data());
  evaluator_->evaluate(columns_, *scratch_, stop);
}

// False when the device was lost, with the states of the lanes.
bool LaneForecasts::ask(const Stop& stop) {
  const auto tables = size_t(network_->input_tables());
  std::ranges::fill(rows_, Exchange::kAbsent);
  bool any = false;
  each_position(round_, [&](uint32_t lane, uint32_t round, size_t place) {
    inputs_->rows(lane, round, rows_.data() + place * tables);
    any = true;
  });
  return !any || exchange_->ask(*block_, uint32_t(lanes_.size()), depth_, rows_, weights_, stop);
}

// Makes the states of the lanes once more, from the block's bytes before this round.
void LaneForecasts::take_over(const Stop& stop) {
  end_block();
  start_lanes(uint32_t(lanes_.size()));
  for (uint32_t round = 0; round < round_; round += depth_) evaluate(round, stop);
}

}  // namespace nzip
