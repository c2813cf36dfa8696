#include "net/forecast.hpp"

namespace nzip {
namespace {

constexpr uint32_t kColumns = 64;  // that are evaluated at once

}  // namespace

LaneForecasts::LaneForecasts(std::shared_ptr<const Network> network)
    : network_(std::move(network)), evaluator_(make_evaluator(network_)) {}

void LaneForecasts::begin_block(const uint8_t* plain, const LaneCut& cut, uint32_t lanes, uint32_t depth) {
  plain_ = plain;
  cut_ = cut;
  depth_ = lanes < depth ? depth / lanes : 1;
  lanes_.clear();
  for (uint32_t i = 0; i < lanes; ++i) lanes_.emplace_back(*network_);
  weights_.resize(size_t(lanes) * depth_);
  columns_.reserve(kColumns);
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
    const uint8_t* begin = plain_ + cut_.begin(i);
    // A lane that ends before the others keeps predicting its last byte, so that all have `depth_` columns.
    for (uint32_t r = round; r < round + depth_; ++r) {
      if (r > 0 && r < cut_.size(i)) lanes_[i].push(begin, r - 1, begin[r - 1]);
      columns_.push_back(lanes_[i].column());
      if (columns_.size() == kColumns) evaluate();
    }
  }
  if (!columns_.empty()) evaluate();
}

}  // namespace nzip
