#include "net/forecast.hpp"

#include <algorithm>

namespace nzip {
namespace {

// Positions of a known block that are evaluated at once: here, and by an exchange.
constexpr uint32_t kColumns = 64, kExchangeColumns = 4096;

}  // namespace

LaneForecasts::LaneForecasts(std::shared_ptr<const Network> network, std::shared_ptr<Exchange> exchange)
    : network_(std::move(network)), exchange_(std::move(exchange)) {}

LaneForecasts::~LaneForecasts() { end_block(); }

void LaneForecasts::begin_block(const uint8_t* plain, bool is_known, const LaneCut& cut, uint32_t lanes,
                                std::span<const Segment> segments) {
  end_block();
  if (exchange_) block_ = exchange_->begin();
  const uint32_t columns = block_ ? kExchangeColumns : kColumns;
  plain_ = plain;
  cut_ = cut;
  depth_ = is_known && lanes < columns ? columns / lanes : 1;
  segments_ = segments;
  start_lanes(lanes);
  weights_.resize(size_t(lanes) * depth_);
  if (block_) rows_.resize(weights_.size() * kInputTables);
}

void LaneForecasts::end_block() {
  if (block_) exchange_->end(*block_);
  block_.reset();
}

void LaneForecasts::start_lanes(size_t count) {
  lanes_.clear();
  for (size_t i = 0; i < count; ++i) lanes_.push_back({NetworkLane(*network_)});
}

bool LaneForecasts::packed(Lane& lane, uint64_t offset) const {
  while (lane.segment_end <= offset) lane.segment_end += segments_[lane.segment++].length;
  return segments_[lane.segment - 1].kind == kPacked;
}

void LaneForecasts::begin_round(uint32_t round) {
  round_ = round;
  if (round % depth_) return;
  if (block_) {
    if (ask()) return;
    take_over();
  }
  evaluate();
}

// Calls call(lane) for every position of the next `depth_` rounds, lane by lane; with null where nothing is predicted.
template <class Call>
void LaneForecasts::each_position(Call call) {
  for (uint32_t i = 0; i < lanes_.size(); ++i) {
    Lane& lane = lanes_[i];
    const uint8_t* begin = plain_ + cut_.begin(i);
    for (uint32_t r = round_; r < round_ + depth_; ++r) {
      const bool inside = r < cut_.size(i);
      if (inside && lane.saw_last) lane.network.push(begin, r - 1, begin[r - 1]);
      lane.saw_last = inside && !packed(lane, cut_.begin(i) + uint64_t(r));
      call(lane.saw_last ? &lane.network : nullptr);
    }
  }
}

void LaneForecasts::evaluate() {
  if (!evaluator_) evaluator_ = make_evaluator(network_);
  ByteWeights* out = weights_.data();
  const auto flush = [&] {
    evaluator_->evaluate(columns_, out);
    out += columns_.size();
    columns_.clear();
  };
  each_position([&](NetworkLane* lane) {
    if (lane) {
      columns_.push_back(lane->column());
      if (columns_.size() == kColumns) flush();
    } else {
      flush();
      ++out;
    }
  });
  if (!columns_.empty()) flush();
}

// False when the device was lost, with the states of the lanes.
bool LaneForecasts::ask() {
  int32_t* row = rows_.data();
  bool any = false;
  each_position([&](NetworkLane* lane) {
    if (lane)
      std::ranges::copy(lane->column().row, row);
    else
      *row = Exchange::kAbsent;
    any |= lane != nullptr;
    row += kInputTables;
  });
  return !any || exchange_->ask(*block_, uint32_t(lanes_.size()), depth_, rows_, weights_);
}

// Makes the states of the lanes once more, from the block's bytes before this round.
void LaneForecasts::take_over() {
  end_block();
  start_lanes(lanes_.size());
  const uint32_t round = round_;
  for (round_ = 0; round_ < round && !stopping.load(std::memory_order_relaxed); round_ += depth_) evaluate();
  round_ = round;
}

}  // namespace nzip
