#include "net/forecast.hpp"

namespace nzip {
namespace {

constexpr uint32_t kColumns = 64;  // that are evaluated at once

}  // namespace

LaneForecasts::LaneForecasts(std::shared_ptr<const Network> network)
    : network_(std::move(network)), evaluator_(make_evaluator(network_)) {}

void LaneForecasts::begin_block(const uint8_t* plain, const LaneCut& cut, uint32_t lanes, uint32_t depth,
                                std::span<const Segment> segments) {
  plain_ = plain;
  cut_ = cut;
  depth_ = lanes < depth ? depth / lanes : 1;
  segments_ = segments;
  lanes_.clear();
  for (uint32_t i = 0; i < lanes; ++i) lanes_.push_back({NetworkLane(*network_)});
  weights_.resize(size_t(lanes) * depth_);
  columns_.reserve(kColumns);
}

bool LaneForecasts::packed(Lane& lane, uint64_t offset) const {
  while (lane.segment_end <= offset) lane.segment_end += segments_[lane.segment++].length;
  return segments_[lane.segment - 1].kind == kPacked;
}

void LaneForecasts::begin_round(uint32_t round) {
  round_ = round;
  if (round % depth_) return;
  ByteWeights* out = weights_.data();
  const auto evaluate = [&] {
    evaluator_->evaluate(columns_, out);
    out += columns_.size();
    columns_.clear();
  };
  for (uint32_t i = 0; i < lanes_.size(); ++i) {
    Lane& lane = lanes_[i];
    const uint8_t* begin = plain_ + cut_.begin(i);
    for (uint32_t r = round; r < round + depth_; ++r) {
      const bool inside = r < cut_.size(i);
      if (inside && lane.saw_last) lane.network.push(begin, r - 1, begin[r - 1]);
      lane.saw_last = inside && !packed(lane, cut_.begin(i) + uint64_t(r));
      if (lane.saw_last) {
        columns_.push_back(lane.network.column());
        if (columns_.size() == kColumns) evaluate();
      } else {
        evaluate();
        ++out;  // of no use: nothing is predicted here
      }
    }
  }
  if (!columns_.empty()) evaluate();
}

}  // namespace nzip
