#include "transforms/deflate/predictor.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/byte_order.hpp"

namespace nzip::deflate {

namespace {

constexpr uint32_t kFactor = 2654435761, kFactorOfBoth = 0x1e35a7bd;
constexpr int kBitsOfThree = 15;

uint32_t four_bytes(const uint8_t* at) {
  uint32_t four;
  std::memcpy(&four, at, 4);
  to_little_endian(&four, 4, 4);
  return four;
}

// Whether the bytes up to the one at `length` may be the same, so that it is worth comparing all.
bool ends_alike(const uint8_t* a, const uint8_t* b, uint32_t length) {
  if (length < 3) return a[length] == b[length];
  uint32_t x, y;
  std::memcpy(&x, a + length - 3, 4);
  std::memcpy(&y, b + length - 3, 4);
  return x == y;
}

}  // namespace

Predictor::Predictor(std::span<const uint8_t> content, const Parameters& parameters, size_t start)
    : content_(content),
      parameters_(parameters),
      hashable_(content.size() < parameters.hash_bytes() ? 0 : content.size() - parameters.hash_bytes() + 1),
      hash_mask_((1u << parameters.hash_bits) - 1),
      hash_shift_((parameters.hash_bits + 2) / 3),
      position_(start),
      next_(start),
      least_(parameters.least) {
  if (parameters.least == 0) by_literals_.emplace(parameters.chain, parameters.parse >= Parameters::kGain);
  begin_block();
  if (parameters.parse < Parameters::kGreedy) return;
  chains_.resize(parameters.hash_bits);
  if (parameters.hash == Parameters::kOfFourAndThree) chains_of_three_.resize(kBitsOfThree);
}

uint32_t Predictor::hash(size_t at) const {
  const uint8_t* const b = content_.data() + at;
  if (parameters_.hash == Parameters::kOfThree)
    return (uint32_t(b[0]) << 2 * hash_shift_ ^ uint32_t(b[1]) << hash_shift_ ^ b[2]) & hash_mask_;
  const uint32_t factor = parameters_.hash == Parameters::kOfFour ? kFactor : kFactorOfBoth;
  return four_bytes(b) * factor >> (32 - parameters_.hash_bits);
}

uint32_t Predictor::hash_of_three(size_t at) const {
  return (four_bytes(content_.data() + at) & 0xffffff) * kFactorOfBoth >> (32 - kBitsOfThree);
}

void Predictor::insert_up_to(size_t end) {
  if (parameters_.parse < Parameters::kGreedy) return;
  for (const size_t last = std::min(end, hashable_); next_ < last; ++next_) {
    chains_.insert(hash(next_), next_);
    if (!chains_of_three_.empty()) chains_of_three_.insert(hash_of_three(next_), next_);
  }
}

uint32_t Predictor::match_length(size_t at, size_t before, uint32_t most) const {
  const uint8_t *const a = content_.data() + at, *const b = content_.data() + before;
  uint32_t length = 0;
  for (; length + 8 <= most; length += 8) {
    uint64_t x, y;
    std::memcpy(&x, a + length, 8);
    std::memcpy(&y, b + length, 8);
    if (x ^= y) {
      to_little_endian(&x, 8, 8);
      return length + uint32_t(std::countr_zero(x)) / 8;
    }
  }
  while (length < most && a[length] == b[length]) ++length;
  return length;
}

Token Predictor::search(size_t at, uint32_t longer_than, uint32_t places) const {
  if (at >= hashable_) return {};
  const auto most = uint32_t(std::min<size_t>(kMaxMatch, content_.size() - at));
  if (most <= longer_than) return {};
  const uint32_t nice = std::min<uint32_t>(parameters_.nice, most);
  const uint32_t here = uint32_t(at) + 1, reach = parameters_.max_distance;
  uint32_t lowest = here > reach ? here - reach : 1;
  // zlib takes position 0 for none, and goes on only to what is nearer than the farthest.
  const uint32_t lowest_next = parameters_.first_byte ? lowest : std::max(2u, lowest + (here > reach + 1));
  if (!parameters_.first_byte) lowest = std::max(2u, lowest);

  Token best{uint16_t(longer_than), 0};
  if (longer_than < kMinMatch && !chains_of_three_.empty())
    if (const Token three = last_of_three(at); !three.is_literal()) best = three;
  const uint8_t* const text = content_.data();
  for (uint32_t place = chains_.last(hash(at), at); place >= lowest && places > 0; --places) {
    const size_t before = place - 1;
    if (ends_alike(text + before, text + at, best.length)) {
      const uint32_t length = match_length(at, before, most);
      if (length > best.length) {
        best = {uint16_t(length), uint16_t(at - before)};
        if (length >= nice) break;
      }
    }
    place = chains_.next(place);
    lowest = lowest_next;
  }
  if (best.distance == 0 || best.length < least_) return {};
  const bool too_far = best.length == kMinMatch && best.distance > parameters_.max_distance_3;
  return too_far ? Token{} : best;
}

// What three bytes match last, if that is near enough.
Token Predictor::last_of_three(size_t at) const {
  const uint32_t place = chains_of_three_.last(hash_of_three(at), at);
  if (place == 0 || at + 1 - place > parameters_.max_distance) return {};
  if (match_length(at, place - 1, kMinMatch) < kMinMatch) return {};
  return {kMinMatch, uint16_t(at + 1 - place)};
}

Token Predictor::search_run(size_t at) const {
  const auto most = uint32_t(std::min<size_t>(kMaxMatch, content_.size() - at));
  if (at == 0 || most < kMinMatch) return {};
  const uint32_t length = match_length(at, at - 1, most);
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
    default:
      return predict_gain();
  }
}

// What is found at the position, if that is not known yet.
Token Predictor::first_search() {
  if (by_literals_ && ahead_at_ != position_) least_ = by_literals_->at(position_ - block_);
  found_ = ahead_at_ == position_ ? ahead_ : search(position_, kMinMatch - 1, parameters_.chain);
  insert_up_to(position_ + 1);
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
    insert_up_to(position_ + 1);
    return {};
  }
  first_search();
  if (found_.is_literal() || found_.length >= parameters_.nice) return found_;
  const size_t most = parameters_.parse == Parameters::kGain ? 1 : 2;
  for (size_t further = 1; further <= most; ++further) {
    insert_up_to(position_ + further);
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
  const bool inserts_all = parameters_.parse != Parameters::kGreedy || token.length <= parameters_.lazy;
  insert_up_to(position_ + (inserts_all ? token.length : 1));
  position_ += token.length;
  next_ = std::max(next_, position_);
}

void Predictor::pass_stored(size_t size) {
  position_ += size;
  insert_up_to(position_);
}

// Calls visit with each position that has a match as long, the nearest first, until it returns false.
template <class Visit>
void Predictor::each_place(uint32_t length, Visit visit) const {
  if (parameters_.parse < Parameters::kGreedy || position_ >= hashable_ || left() < length) return;
  const Chains& chains = length == kMinMatch && !chains_of_three_.empty() ? chains_of_three_ : chains_;
  const uint32_t here = uint32_t(position_) + 1, lowest = here > kMaxDistance ? here - kMaxDistance : 1;
  int places = kMostPlaces;
  // The position itself is in the table since it was predicted.
  for (uint32_t place = chains.next(here); place >= lowest && places > 0; --places) {
    const size_t before = place - 1;
    if (match_length(position_, before, length) == length && !visit(before)) return;
    if (here - place == kMaxDistance) return;  // its place in the window is the position's
    place = chains.next(place);
  }
}

int Predictor::places_before(Token token) const {
  int count = 0;
  bool is_there = false;
  each_place(token.length, [&](size_t before) {
    is_there = position_ - before == token.distance;
    count += !is_there;
    return !is_there;
  });
  return is_there ? count : -1;
}

uint32_t Predictor::distance_of(uint32_t length, uint32_t places_before) const {
  uint32_t distance = 0;
  each_place(length, [&](size_t before) {
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
