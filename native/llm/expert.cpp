#define NZIP_ISA llm

#include "llm/expert.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <bitset>
#include <utility>

#include "llm/ending.hpp"
#include "llm/match_finder.hpp"
#include "net/forecast.hpp"

namespace nzip {
namespace {

using llm::Ending;
using llm::EndingContext;

struct Lane {
  Lane(uint32_t begin, uint32_t size)
      : position(begin), end(begin + size), range_end(begin), begin(begin), match(begin, size) {}

  bool asks() const { return position < end && text && !skipping; }

  uint32_t position, end;  // of its next byte, and behind its last one
  uint32_t range_end;      // of the text, or of what is none, that it is in
  bool text = false;       // the model predicts only there
  bool skipping = false;   // a long repetition goes on, and the model is not asked
  uint32_t begin;          // of the token, or of what is skipped
  uint32_t node = Vocabulary::kRoot;
  std::vector<uint32_t> pending;  // tokens that the model has not taken yet
  uint32_t forget = 0;            // tokens that it took too early
  uint32_t last[2] = {};          // tokens that are certain
  Distribution next;              // of the token that the lane is in, once nothing is pending
  MatchFinder match;

  // Of the next byte: whether it ends the token, there being others that would go on; if that was worth a try, the
  // longest token that is here already and what would follow it.
  bool may_end = false;
  Ending::Prediction ending;
  Vocabulary::Found tried{0, 0};
  Distribution behind;
  uint32_t weights[256];
};

class TokenExpert final : public ByteExpert {
 public:
  explicit TokenExpert(LanguageModel model)
      : model_(std::move(model)), vocabulary_(*model_.vocabulary), head_(vocabulary_) {}

  void begin_block(const uint8_t* plain, const LaneCut& cut, uint32_t lanes,
                   std::span<const Segment> segments) override {
    plain_ = plain;
    ranges_.clear();
    uint32_t end = 0;
    for (const Segment& s : segments) ranges_.push_back({end += uint32_t(s.length), s.kind == kText});
    head_ = BiasHead(vocabulary_);
    endings_ = Ending();
    lanes_.clear();
    lanes_.reserve(lanes);
    for (uint32_t i = 0; i < lanes; ++i) {
      lanes_.emplace_back(cut.begin(i), cut.size(i));
      lanes_.back().pending.push_back(model_.start);
    }
    model_.begin(lanes);
  }

  void begin_round(uint32_t round, const LaneForecasts& network) override {
    for (Lane& lane : lanes_) {
      if (lane.position == lane.end) continue;
      if (round > 0) advance(lane);
      if (lane.position == lane.range_end && lane.position < lane.end) enter_range(lane);
      if (lane.match.length() >= model_.skip) lane.skipping = true;
      if (!lane.asks()) continue;
      if (lane.node != Vocabulary::kRoot && !vocabulary_.node(lane.node).children) {
        take_longest(lane);
        munch(lane);
      }
      if (!lane.pending.empty()) request(lane, std::exchange(lane.pending, {}));
    }
    evaluate(&Lane::next);
    for (size_t i = 0; i < lanes_.size(); ++i) {
      Lane& lane = lanes_[i];
      lane.may_end = lane.asks() && lane.node != Vocabulary::kRoot;
      if (!lane.may_end) continue;
      lane.ending = endings_.predict(ending_context(lane, network.weights(uint32_t(i))));
      if (lane.ending.p < kWorthATry) continue;
      lane.tried = vocabulary_.longest({plain_ + lane.begin, plain_ + lane.position});
      if (lane.tried.size) request(lane, {vocabulary_.order()[lane.tried.place]});
    }
    evaluate(&Lane::behind);
    for (size_t i = 0; i < lanes_.size(); ++i) predict(lanes_[i], network.weights(uint32_t(i)));
  }

  const uint32_t* weights(uint32_t lane) const override { return lanes_[lane].weights; }

 private:
  using Weights = std::array<uint64_t, 256>;

  struct Range {
    uint32_t end;
    bool text;
  };

  void enter_range(Lane& lane) {
    while (lane.begin < lane.position) take_longest(lane);
    lane.node = Vocabulary::kRoot;
    lane.skipping = false;
    const Range& range = *std::ranges::upper_bound(ranges_, lane.position, {}, &Range::end);
    lane.range_end = std::min(range.end, lane.end);
    lane.text = range.text;
    if (!lane.text) lane.begin = lane.range_end;  // no token has these bytes
  }

  // Takes the byte that was coded last.
  void advance(Lane& lane) {
    const uint32_t at = lane.position++;
    const bool repeated = lane.match.length() && plain_[lane.match.from()] == plain_[at];
    lane.match.push(plain_, at);
    if (!lane.text || (lane.skipping && repeated)) return;
    if (!lane.skipping) {
      const uint32_t child = vocabulary_.child(lane.node, plain_[at]);
      const bool ended = child == Vocabulary::kNone;
      if (lane.may_end) endings_.update(lane.ending, ended);
      const Vocabulary::Found tried = std::exchange(lane.tried, {0, 0});
      if (!ended) {
        lane.node = child;
        lane.forget += tried.size > 0;
        return;
      }
      if (tried.size) {
        take(lane, tried);
        std::swap(lane.next, lane.behind);
      }
    }
    lane.skipping = false;
    munch(lane);
  }

  // Takes tokens until what is left is the beginning of one, and perhaps all of it.
  void munch(Lane& lane) {
    while ((lane.node = walk(lane.begin, lane.position)) == Vocabulary::kNone) take_longest(lane);
  }

  uint32_t walk(uint32_t begin, uint32_t end) const {
    uint32_t node = Vocabulary::kRoot;
    while (begin < end && node != Vocabulary::kNone) node = vocabulary_.child(node, plain_[begin++]);
    return node;
  }

  // Lets the model take the longest token that what the lane is in begins with, when it is asked again. Without one, a
  // byte is passed that the model never sees.
  void take_longest(Lane& lane) {
    const Vocabulary::Found found = vocabulary_.longest({plain_ + lane.begin, plain_ + lane.position});
    if (!found.size) {
      ++lane.begin;
      return;
    }
    take(lane, found);
    lane.pending.push_back(lane.last[0]);
  }

  void take(Lane& lane, const Vocabulary::Found& found) {
    if (lane.pending.empty() && !lane.skipping) head_.learn(lane.next, found.place);
    lane.begin += found.size;
    lane.last[1] = lane.last[0];
    lane.last[0] = vocabulary_.order()[found.place];
  }

  void request(Lane& lane, std::vector<uint32_t> tokens) {
    requests_.push_back({uint32_t(&lane - lanes_.data()), std::exchange(lane.forget, 0), std::move(tokens)});
  }

  void evaluate(Distribution Lane::* to) {
    if (requests_.empty()) return;
    const std::vector<const float*> logits = model_.evaluate(requests_);
    for (size_t k = 0; k < requests_.size(); ++k) (lanes_[requests_[k].lane].*to).set(logits[k], vocabulary_, head_);
    requests_.clear();
  }

  EndingContext ending_context(const Lane& lane, const uint32_t* network) const {
    const Vocabulary::Node& node = vocabulary_.node(lane.node);
    uint64_t off = 1, on = 1;
    for (uint32_t i = 0; i < 256; ++i) off += network[i];
    for (uint32_t i = 0; i < node.children; ++i) on += network[vocabulary_.node(node.child + i).byte];
    EndingContext context{};
    context.model = opinion(lane.next.mass(node.begin, node.begin + node.token) + 1,
                            lane.next.mass(node.begin + node.token, node.end));
    context.network = opinion(off - on + 1, on);
    context.node = lane.node;
    context.depth = lane.position - lane.begin;
    context.token[0] = lane.last[0];
    context.token[1] = lane.last[1];
    context.bytes = lane.match.bytes();
    if (const uint32_t length = lane.match.length()) {
      const bool on_match = vocabulary_.child(lane.node, plain_[lane.match.from()]) != Vocabulary::kNone;
      context.match = std::min(length < 32 ? length / 4 : 4 + uint32_t(std::bit_width(length)), 15u) * 2 + on_match;
    }
    return context;
  }

  static int opinion(uint64_t yes, uint64_t no) {
    return llm::clamp((natural_log(yes) - natural_log(no)) / 16, kInputMax);
  }

  // What a distribution says of the next byte at a node, as shares of about 2^30. Where the token may be whole, the
  // network says what comes behind it.
  Weights shares(const Distribution& tokens, uint32_t at, const Weights& network) const {
    const Vocabulary::Node& node = vocabulary_.node(at);
    const int shift = std::bit_width(tokens.mass(node.begin, node.end)) - 30;
    const auto scaled = [&](uint64_t mass) { return shift > 0 ? mass >> shift : mass << -shift; };
    Weights found;
    const uint64_t whole = scaled(tokens.mass(node.begin, node.begin + node.token));
    for (uint32_t i = 0; i < 256; ++i) found[i] = (whole * network[i]) >> 30;
    for (uint32_t i = 0; i < node.children; ++i) {
      const Vocabulary::Node& child = vocabulary_.node(node.child + i);
      found[child.byte] += scaled(tokens.mass(child.begin, child.end));
    }
    return found;
  }

  // The model's opinion of the next byte.
  void predict(Lane& lane, const uint32_t* forecast) const {
    std::fill_n(lane.weights, 256, 1u);
    if (!lane.asks()) return;
    uint64_t all = 0;
    for (uint32_t i = 0; i < 256; ++i) all += forecast[i];
    Weights network;
    for (uint32_t i = 0; i < 256; ++i) network[i] = (uint64_t(forecast[i]) << 30) / all;
    Weights found = shares(lane.next, lane.node, network);
    if (lane.may_end) {
      const Vocabulary::Node& node = vocabulary_.node(lane.node);
      std::bitset<256> goes_on;
      for (uint32_t i = 0; i < node.children; ++i) goes_on.set(vocabulary_.node(node.child + i).byte);
      const uint32_t left = lane.tried.size ? walk(lane.begin + lane.tried.size, lane.position) : Vocabulary::kNone;
      const Weights after = left == Vocabulary::kNone ? network : shares(lane.behind, left, network);
      uint64_t on = 1, off = 1;
      for (uint32_t i = 0; i < 256; ++i) {
        if (!goes_on[i]) found[i] = after[i] + 1;
        (goes_on[i] ? on : off) += found[i];
      }
      const uint64_t ends = lane.ending.p >> 2, goes = (uint64_t(1) << 30) - ends;
      for (uint32_t i = 0; i < 256; ++i) found[i] = goes_on[i] ? found[i] * goes / on : found[i] * ends / off;
    }
    for (uint32_t i = 0; i < 256; ++i) lane.weights[i] += uint32_t(found[i]);
  }

  static constexpr uint32_t kWorthATry = 1u << 29;  // 1/8

  LanguageModel model_;
  const Vocabulary& vocabulary_;
  BiasHead head_;
  Ending endings_;
  const uint8_t* plain_ = nullptr;
  std::vector<Range> ranges_;
  std::vector<Lane> lanes_;
  std::vector<TokenRequest> requests_;
};

}  // namespace

std::shared_ptr<ByteExpert> make_token_expert(LanguageModel model) {
  return std::make_shared<TokenExpert>(std::move(model));
}

}  // namespace nzip
