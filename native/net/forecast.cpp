#include "net/forecast.hpp"

#include <algorithm>

#include "net/exchange.hpp"

namespace nzip {
namespace {

// Positions of a known block that are evaluated at once: here, and by an exchange.
constexpr uint32_t kColumns = 64, kExchangeColumns = 4096;

}  // namespace

LaneForecasts::LaneForecasts(std::shared_ptr<const Network> network, std::shared_ptr<Exchange> exchange)
    : network_(std::move(network)), exchange_(std::move(exchange)) {
  if (!exchange_) evaluator_ = make_evaluator(network_);
}

LaneForecasts::~LaneForecasts() { end_block(); }

void LaneForecasts::begin_block(const uint8_t* plain, bool is_known, const LaneCut& cut, uint32_t lanes,
                                std::span<const Segment> segments) {
  const uint32_t columns = exchange_ ? kExchangeColumns : kColumns;
  plain_ = plain;
  cut_ = cut;
  depth_ = is_known && lanes < columns ? columns / lanes : 1;
  segments_ = segments;
  lanes_.clear();
  for (uint32_t i = 0; i < lanes; ++i) lanes_.push_back({NetworkLane(*network_)});
  weights_.resize(size_t(lanes) * depth_);
  if (exchange_) {
    end_block();
    block_ = exchange_->begin();
    rows_.resize(weights_.size() * kInputTables);
  } else {
    columns_.reserve(kColumns);
  }
}

void LaneForecasts::end_block() {
  if (block_) exchange_->end(*block_);
}

bool LaneForecasts::packed(Lane& lane, uint64_t offset) const {
  while (lane.segment_end <= offset) lane.segment_end += segments_[lane.segment++].length;
  return segments_[lane.segment - 1].kind == kPacked;
}

void LaneForecasts::begin_round(uint32_t round) {
  round_ = round;
  if (round % depth_ == 0) exchange_ ? ask() : evaluate();
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

void LaneForecasts::ask() {
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
  if (any) exchange_->ask({*block_, uint32_t(lanes_.size()), depth_, rows_}, weights_);
}

}  // namespace nzip
