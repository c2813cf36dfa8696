#include "transforms/deflate/predictor.hpp"

#include <algorithm>
#include <bit>

namespace nzip::deflate {

namespace {
constexpr uint32_t kMostMoved = 256;  // bytes of a match that grows to the left
}

Predictor::Predictor(std::span<const uint8_t> content, const Parameters& parameters, size_t start)
    : content_(content),
      parameters_(parameters),
      search_(content, parameters, start),
      position_(start),
      least_(parameters.least) {
  if (parameters.least == 0) by_literals_.emplace(parameters.chain, parameters.parse >= Parameters::kGain);
  begin_block();
}

Token Predictor::search(size_t at, uint32_t longer_than, uint32_t places) {
  search_.know(at + 1);
  const Token found = search_.longest(at, longer_than, places);
  if (found.is_literal() || found.length < least_) return {};
  return found.length == kMinMatch && found.distance > parameters_.max_distance_3 ? Token{} : found;
}

Token Predictor::search_run(size_t at) const {
  const auto most = uint32_t(std::min<size_t>(kMaxMatch, content_.size() - at));
  if (at == 0 || most < kMinMatch) return {};
  const uint32_t length = search_.match_length(at, at - 1, most);
  return length < kMinMatch ? Token{} : Token{uint16_t(length), 1};
}

Token Predictor::predict() {
  found_ = {};
  if (left() == 0) return {};
  switch (parameters_.parse) {
    case Parameters::kNone:
      return {};
    case Parameters::kRuns:
      return found_ = search_run(position_);
    case Parameters::kGreedy:
      return first_search();
    case Parameters::kLazy:
      return predict_lazy();
    case Parameters::kMoved:
      return predict_moved();
    default:
      return predict_gain();
  }
}

// What is found at the position, if that is not known yet.
Token Predictor::first_search() {
  if (by_literals_ && ahead_at_ != position_) least_ = by_literals_->at(position_ - block_);
  found_ = ahead_at_ == position_ ? ahead_ : search(position_, kMinMatch - 1, parameters_.chain);
  search_.know(position_ + 1);
  return found_;
}

Token Predictor::predict_lazy() {
  first_search();
  if (found_.is_literal() || found_.length >= parameters_.lazy) return found_;
  const uint32_t chain = parameters_.chain, places = found_.length < parameters_.good ? chain : std::max(1u, chain / 4);
  const Token ahead = search(position_ + 1, found_.length, places);
  if (ahead.is_literal()) return found_;
  expect(position_ + 1, ahead);
  return {};
}

Token Predictor::predict_gain() {
  if (ahead_at_ == position_ + 1) {  // the second of two literals
    search_.know(position_ + 1);
    return {};
  }
  first_search();
  if (found_.is_literal() || found_.length >= parameters_.nice) return found_;
  const size_t most = parameters_.parse == Parameters::kGain ? 1 : 2;
  for (size_t further = 1; further <= most; ++further) {
    const Token ahead =
        search(position_ + further, found_.length - 1u, std::max(1u, uint32_t(parameters_.chain) >> further));
    if (ahead.is_literal()) continue;
    const int gain =
        4 * (ahead.length - found_.length) + std::bit_width(found_.distance) - std::bit_width(ahead.distance);
    if (gain > (further == 1 ? 2 : 6)) {
      expect(position_ + further, ahead);
      return {};
    }
  }
  return found_;
}

Token Predictor::predict_moved() {
  Token found = first_search();
  while (!found.is_literal()) {
    const size_t end = position_ + found.length;
    know_match(found);
    const Token behind = search(end, kMinMatch - 1, parameters_.chain);
    expect(end, behind);
    if (behind.is_literal()) break;
    // As far to the left as it goes.
    const size_t lowest = end > parameters_.max_distance ? end - parameters_.max_distance : 0;
    Token moved = behind;
    size_t start = end;
    while (start > position_ && start > lowest && moved.length < kMostMoved && start > moved.distance + size_t(1) &&
           content_[start - 1] == content_[start - 1 - moved.distance]) {
      --start;
      ++moved.length;
    }
    if (start > position_ + 1) break;
    expect(start, moved);
    if (start > position_) return {};
    found = moved;
  }
  return found;
}

void Predictor::expect(size_t at, Token ahead) {
  ahead_ = ahead;
  ahead_at_ = at;
}

void Predictor::begin_block() {
  if (!by_literals_) return;
  block_ = position_;
  by_literals_->begin(content_.subspan(position_));
}

void Predictor::pass(Token token) {
  if (by_literals_ && token.is_literal() && left() > 0) by_literals_->count(content_[position_]);
  know_match(token);
  position_ += token.length;
  search_.skip(position_);
}

// Makes known what an encoder does of the positions of a token, or of the match that it thinks of.
void Predictor::know_match(Token token) {
  const bool is_greedy = parameters_.parse == Parameters::kGreedy, is_moved = parameters_.parse == Parameters::kMoved;
  const size_t end = position_ + token.length;
  if ((is_greedy || is_moved) && token.length > parameters_.lazy) {
    search_.know(position_ + 1);
    if (is_greedy && parameters_.good > 0) return;
    search_.skip(end - 1);
  }
  search_.know(end);
}

void Predictor::pass_stored(size_t size) {
  position_ += size;
  search_.know(position_);
}

int Predictor::places_before(Token token) const {
  int count = 0;
  bool is_there = false;
  search_.each_place(position_, token.length, [&](size_t before) {
    is_there = position_ - before == token.distance;
    count += !is_there;
    return !is_there;
  });
  return is_there ? count : -1;
}

uint32_t Predictor::distance_of(uint32_t length, uint32_t places_before) const {
  uint32_t distance = 0;
  search_.each_place(position_, length, [&](size_t before) {
    if (places_before-- > 0) return true;
    distance = uint32_t(position_ - before);
    return false;
  });
  return distance;
}

bool BlockEnd::add(Token token, size_t before) {
  ++tokens_;
  if (!token.is_literal()) {
    ++matches_;
    match_bits_ += 5u + kDistances[distance_symbol(token.distance)].extra;
  }
  if (tokens_ == parameters_.block_tokens) return true;
  if (parameters_.split != Parameters::kByGain || tokens_ % 4096 != 0) return false;
  if (parameters_.parse == Parameters::kGreedy && parameters_.chain < 32) return false;  // levels 1 and 2
  // As gzip: what the block takes at most is compared with its bytes, as far as the encoder has looked.
  const uint64_t bytes = before + (parameters_.parse == Parameters::kLazy);
  return matches_ < tokens_ / 2 && (uint64_t(tokens_) * 8 + match_bits_) / 8 < bytes / 2;
}

}  // namespace nzip::deflate
