#include "experts/token/expert.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <iterator>
#include <utility>

#include "experts/token/match_finder.hpp"
#include "experts/token/text.hpp"

namespace nzip {
namespace {

using Shares = std::array<uint64_t, 256>;  // of the values of a byte
using Tokens = std::vector<uint32_t>;      // ids

constexpr int kLog2One = 32;
constexpr uint64_t kOne = uint64_t(1) << kLog2One;  // the sum of a lane's readings' weights, nearly
constexpr uint64_t kWorthAsking = kOne / 8, kNegligible = kOne / 1024;
constexpr size_t kMostReadings = 7, kMostUncertain = 4;

// A token that is whole, and what the model had expected there.
struct Step {
  uint32_t place;  // in the vocabulary's order
  uint32_t size;   // in bytes
  std::shared_ptr<const Distribution> expected;
};

// A way in which the lane's last bytes may be tokens.
struct Reading {
  std::vector<Step> path;                    // the tokens behind those that are certain
  uint32_t begin;                            // of the token that the next byte is in
  uint32_t node;                             // of the vocabulary's trie: what is here of that token, which goes on
  uint64_t weight;                           // how likely all of this is beside the other readings
  std::shared_ptr<const Distribution> next;  // of that token; nothing until the model was asked
};

struct Lane {
  Lane(uint32_t begin, uint32_t size, uint32_t start)
      : position(begin), end(begin + size), range_end(begin), begin(begin), certain{start}, match(begin, size) {}

  bool asks() const { return position < end && text && !skipping; }
  bool believes() const { return range_text == TextIn::kPerhaps && run.length() >= TextRun::kBelieved; }

  uint32_t position, end;  // of its next byte, and behind its last one
  uint32_t range_end;      // of the segment that it is in
  TextIn range_text = TextIn::kNowhere;
  TextRun run;
  bool text = false;      // the model predicts only there
  bool skipping = false;  // a long repetition goes on, and the model is not asked
  uint32_t begin;         // behind the last token that is certain
  std::vector<Reading> readings;
  Tokens certain;  // the last one that the model took, and those that it has not taken yet
  Tokens held;     // what the model has taken from the first of these on
  MatchFinder match;
  Shares network{};  // what the network says of the next byte, of 2^30
  uint32_t weights[256];
};

// In 2^-30.
uint64_t fraction(uint64_t part, uint64_t whole) {
  const int shift = std::max(0, int(std::bit_width(whole)) - 33);
  return ((part >> shift) << 30) / std::max<uint64_t>(whole >> shift, 1);
}

class TokenExpert final : public ByteExpert {
 public:
  explicit TokenExpert(LanguageModel model)
      : model_(std::move(model)), vocabulary_(*model_.vocabulary), head_(vocabulary_) {}

  void begin_block(const uint8_t* plain, bool is_known, const LaneCut& cut, uint32_t lanes,
                   std::span<const Segment> segments) override {
    plain_ = plain;
    is_known_ = is_known;
    ranges_.clear();
    uint32_t end = 0;
    for (const Segment& s : segments) ranges_.push_back({end += uint32_t(s.length), text_in(s.kind)});
    head_ = BiasHead(vocabulary_);
    lanes_.clear();
    lanes_.reserve(lanes);
    for (uint32_t i = 0; i < lanes; ++i) lanes_.emplace_back(cut.begin(i), cut.size(i), model_.start);
    model_.begin(lanes);
  }

  void begin_round(uint32_t round, const ByteExpert* before, const Stop& stop) override {
    for (size_t i = 0; i < lanes_.size(); ++i) {
      Lane& lane = lanes_[i];
      if (lane.position == lane.end) continue;
      if (round > 0) advance(lane);
      if (lane.position == lane.range_end && lane.position < lane.end) enter_range(lane);
      if (lane.match.length() >= model_.skip && lane.asks()) begin_skipping(lane);
      if (lane.asks()) forecast(lane, before->weights(uint32_t(i)));
    }
    do {
      stop.check();
      for (Lane& lane : lanes_)
        if (lane.asks()) request(lane);
    } while (evaluate());
    for (Lane& lane : lanes_)
      if (lane.asks()) predict(lane);
  }

  const uint32_t* weights(uint32_t lane) const override { return lanes_[lane].asks() ? lanes_[lane].weights : nullptr; }

 private:
  struct Range {
    uint32_t end;
    TextIn text;
  };

  void enter_range(Lane& lane) {
    if (lane.text) leave_text(lane);
    const Range& range = *std::ranges::upper_bound(ranges_, lane.position, {}, &Range::end);
    lane.range_end = std::min(range.end, lane.end);
    lane.range_text = range.text;
    if (range.text == TextIn::kEverywhere || lane.believes()) enter_text(lane);
  }

  // The model sees the last of the text that lies behind, too.
  void enter_text(Lane& lane) {
    lane.text = true;
    lane.begin = std::max(lane.begin, lane.position - std::min(lane.run.length(), TextRun::kBelieved));
    read_anew(lane);
  }

  void leave_text(Lane& lane) {
    settle(lane);
    while (lane.begin < lane.position) take_longest(lane);
    lane.text = lane.skipping = false;
  }

  void begin_skipping(Lane& lane) {
    settle(lane);
    lane.skipping = true;
  }

  // Takes the byte that was coded last.
  void advance(Lane& lane) {
    const uint32_t at = lane.position++;
    const bool repeated = lane.match.length() && plain_[lane.match.from()] == plain_[at];
    lane.match.push(plain_, at);
    lane.run.push(plain_[at]);
    if (!lane.text && lane.believes()) return enter_text(lane);
    if (lane.text && lane.range_text == TextIn::kPerhaps && lane.run.length() == 0) return leave_text(lane);
    if (!lane.text || (lane.skipping && repeated)) return;
    if (lane.skipping) {
      lane.skipping = false;
      read_anew(lane);
      return;
    }
    std::vector<Reading> before;
    std::swap(before, lane.readings);
    for (Reading& r : before) {
      const uint32_t child = vocabulary_.child(r.node, plain_[at]);
      if (child == Vocabulary::kNone) continue;
      const uint64_t p = r.next ? fraction(mass(*r.next, child), on(*r.next, r.node)) : lane.network[plain_[at]];
      r.weight = ((r.weight * p) >> 30) + 1;
      r.node = child;
      lane.readings.push_back(std::move(r));
    }
    if (lane.readings.empty()) {
      read_anew(lane);
      return;
    }
    drop_unlikely(lane);
    const size_t count = lane.readings.size();
    for (size_t i = 0; i < count; ++i)
      if (lane.readings[i].next) split(lane, i);
    drop_finished(lane);
  }

  void drop_unlikely(Lane& lane) {
    std::vector<Reading>& all = lane.readings;
    std::ranges::stable_sort(all, std::ranges::greater{}, &Reading::weight);
    if (all.size() > kMostReadings) all.erase(all.begin() + kMostReadings, all.end());
    if (all[0].path.size() > kMostUncertain) {
      const uint32_t first = all[0].path[0].place;
      std::erase_if(all, [&](const Reading& r) { return r.path.empty() || r.path[0].place != first; });
    }
    normalize(all);
    std::erase_if(all, [](const Reading& r) { return r.weight < (r.next ? kNegligible : kWorthAsking); });
    normalize(all);
    const auto same = [&](const Reading& r) { return !r.path.empty() && r.path[0].place == all[0].path[0].place; };
    while (!all[0].path.empty() && std::ranges::all_of(all, same)) {
      const Step first = all[0].path[0];
      head_.learn(*first.expected, first.place);
      take(lane, first.place, first.size);
      for (Reading& r : all) r.path.erase(r.path.begin());
    }
  }

  static void normalize(std::vector<Reading>& readings) {
    uint64_t sum = 0;
    for (const Reading& r : readings) sum += r.weight;
    for (Reading& r : readings) r.weight = (fraction(r.weight, sum) << (kLog2One - 30)) | 1;
  }

  // Where the token that a reading is in may be whole here, that is a reading of its own.
  void split(Lane& lane, size_t index) const {
    Reading& r = lane.readings[index];
    const Vocabulary::Node& node = vocabulary_.node(r.node);
    if (!node.token) return;
    const uint64_t whole = r.next->mass(node.begin, node.begin + 1);
    const uint64_t weight = ((r.weight * fraction(whole, r.next->mass(node.begin, node.end))) >> 30) + 1;
    Reading ended{r.path, lane.position, Vocabulary::kRoot, weight, nullptr};
    ended.path.push_back({node.begin, lane.position - r.begin, r.next});
    r.weight = node.children ? r.weight - std::min(weight, r.weight - 1) : 0;
    lane.readings.push_back(std::move(ended));
  }

  static void drop_finished(Lane& lane) {
    std::erase_if(lane.readings, [](const Reading& r) { return !r.weight; });
  }

  // Makes the likeliest reading certain, and leaves none.
  void settle(Lane& lane) {
    if (lane.readings.empty()) return;
    for (const Step& step : std::ranges::max_element(lane.readings, {}, &Reading::weight)->path)
      take(lane, step.place, step.size);
    lane.readings.clear();
  }

  // Takes the longest tokens until what is left is the beginning of one: of this the model is asked next.
  void read_anew(Lane& lane) {
    uint32_t node;
    while ((node = walk(lane.begin, lane.position)) == Vocabulary::kNone ||
           (node != Vocabulary::kRoot && !vocabulary_.node(node).children))
      take_longest(lane);
    lane.readings.assign(1, {{}, lane.begin, node, kOne, nullptr});
  }

  uint32_t walk(uint32_t begin, uint32_t end) const {
    uint32_t node = Vocabulary::kRoot;
    while (begin < end && node != Vocabulary::kNone) node = vocabulary_.child(node, plain_[begin++]);
    return node;
  }

  // Without a token, a byte is passed that the model never sees.
  void take_longest(Lane& lane) const {
    const Vocabulary::Found found = vocabulary_.longest({plain_ + lane.begin, plain_ + lane.position});
    if (found.size)
      take(lane, found.place, found.size);
    else
      ++lane.begin;
  }

  void take(Lane& lane, uint32_t place, uint32_t size) const {
    lane.certain.push_back(vocabulary_.order()[place]);
    lane.begin += size;
  }

  // Asks the model for what comes next in the likeliest reading for which that is not known, where it matters.
  void request(Lane& lane) {
    const auto unknown = [](const Reading& r) { return r.next ? 0 : r.weight; };
    const auto asked = std::ranges::max_element(lane.readings, {}, unknown);
    if (unknown(*asked) < kWorthAsking) return;
    Tokens wanted = lane.certain;
    for (const Step& step : asked->path) wanted.push_back(vocabulary_.order()[step.place]);
    const auto same = std::ranges::mismatch(lane.held, wanted).in2 - wanted.begin();
    const auto kept = std::min(same, std::ssize(wanted) - 1);
    requests_.push_back({uint32_t(&lane - lanes_.data()),
                         uint32_t(std::ssize(lane.held) - kept),
                         Tokens(wanted.begin() + kept, wanted.end()),
                         {plain_ + asked->begin, is_known_ ? lane.end - asked->begin : 0}});
    asked_.push_back(size_t(asked - lane.readings.begin()));
    const auto last = std::ssize(lane.certain) - 1;
    lane.certain.erase(lane.certain.begin(), lane.certain.begin() + last);
    lane.held.assign(wanted.begin() + last, wanted.end());
  }

  // Whether there was anything to do.
  bool evaluate() {
    if (requests_.empty()) return false;
    const std::vector<const uint16_t*> below = model_.evaluate(requests_);
    const auto size = uint32_t(vocabulary_.order().size());
    for (size_t k = 0; k < requests_.size(); ++k) {
      Lane& lane = lanes_[requests_[k].lane];
      lane.readings[asked_[k]].next = std::make_shared<const Distribution>(below[k], size, head_);
      split(lane, asked_[k]);
      drop_finished(lane);
    }
    requests_.clear();
    asked_.clear();
    return true;
  }

  uint64_t mass(const Distribution& tokens, uint32_t node) const {
    return tokens.mass(vocabulary_.node(node).begin, vocabulary_.node(node).end);
  }

  // Of the tokens that go on at a node.
  uint64_t on(const Distribution& tokens, uint32_t node) const {
    const Vocabulary::Node& n = vocabulary_.node(node);
    return tokens.mass(n.begin + n.token, n.end);
  }

  static void forecast(Lane& lane, const uint32_t* weights) {
    uint64_t all = 0;
    for (uint32_t i = 0; i < 256; ++i) all += weights[i];
    for (uint32_t i = 0; i < 256; ++i) lane.network[i] = (uint64_t(weights[i]) << 30) / all;
  }

  // The readings' opinion of the next byte; of those for which the model was not asked, the network's.
  void predict(Lane& lane) const {
    Shares found{};
    for (const Reading& r : lane.readings) {
      if (!r.next) {
        for (uint32_t i = 0; i < 256; ++i) found[i] += (r.weight * lane.network[i]) >> 30;
        continue;
      }
      const Vocabulary::Node& node = vocabulary_.node(r.node);
      const uint64_t all = on(*r.next, r.node);
      for (uint32_t i = 0; i < node.children; ++i) {
        const uint32_t child = node.child + i;
        found[vocabulary_.node(child).byte] += (r.weight * fraction(mass(*r.next, child), all)) >> 30;
      }
    }
    for (uint32_t i = 0; i < 256; ++i) lane.weights[i] = 1 + uint32_t(found[i] >> (kLog2One - 29));
  }

  LanguageModel model_;
  const Vocabulary& vocabulary_;
  BiasHead head_;
  const uint8_t* plain_ = nullptr;
  bool is_known_ = false;  // all of it, so that a model may look ahead
  std::vector<Range> ranges_;
  std::vector<Lane> lanes_;
  std::vector<TokenRequest> requests_;
  std::vector<size_t> asked_;  // the reading that each is for
};

}  // namespace

uint64_t token_expert_memory(const Vocabulary& vocabulary, uint32_t lanes) {
  constexpr uint64_t kDistributions = 48;  // of a lane: kMostReadings with six each, at most, and their copies
  return kDistributions * sizeof(uint64_t) * vocabulary.ids() * lanes;
}

std::shared_ptr<ByteExpert> make_token_expert(LanguageModel model) {
  return std::make_shared<TokenExpert>(std::move(model));
}

}  // namespace nzip
