#include "transforms/deflate/predictor.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/byte_order.hpp"

namespace nzip::deflate {

namespace {

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
      hashable_(content.size() < parameters.hash_bytes ? 0 : content.size() - parameters.hash_bytes + 1),
      hash_mask_((1u << parameters.hash_bits) - 1),
      hash_shift_((parameters.hash_bits + 2) / 3),
      position_(start),
      next_(start) {
  if (parameters.parse < Parameters::kGreedy) return;
  head_.resize(size_t(hash_mask_) + 1);
  before_.resize(kMaxDistance);
}

uint32_t Predictor::hash(size_t at) const {
  const uint8_t* const b = content_.data() + at;
  if (parameters_.hash_bytes == 3)
    return (uint32_t(b[0]) << 2 * hash_shift_ ^ uint32_t(b[1]) << hash_shift_ ^ b[2]) & hash_mask_;
  uint32_t four;
  std::memcpy(&four, b, 4);
  to_little_endian(&four, 4, 4);
  return four * 2654435761u >> (32 - parameters_.hash_bits);
}

void Predictor::insert_up_to(size_t end) {
  if (parameters_.parse < Parameters::kGreedy) return;
  for (const size_t last = std::min(end, hashable_); next_ < last; ++next_) {
    uint32_t& head = head_[hash(next_)];
    before_[next_ & kWindowMask] = head;
    head = uint32_t(next_) + 1;
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

Token Predictor::search(size_t at, uint32_t longer_than) const {
  if (at >= hashable_) return {};
  const auto most = uint32_t(std::min<size_t>(kMaxMatch, content_.size() - at));
  if (most <= longer_than) return {};
  int places = parameters_.chain;
  if (longer_than >= parameters_.good) places = std::max(1, places >> 2);
  const uint32_t nice = std::min<uint32_t>(parameters_.nice, most);
  const uint32_t here = uint32_t(at) + 1, reach = parameters_.max_distance;
  uint32_t lowest = here > reach ? here - reach : 1;
  // zlib takes position 0 for none, and goes on only to what is nearer than the farthest.
  const uint32_t lowest_next = parameters_.first_byte ? lowest : std::max(2u, lowest + (here > reach + 1));
  if (!parameters_.first_byte) lowest = std::max(2u, lowest);

  Token best{uint16_t(longer_than), 0};
  const uint8_t* const text = content_.data();
  for (uint32_t place = head_[hash(at)]; place >= lowest && places > 0; --places) {
    const size_t before = place - 1;
    if (ends_alike(text + before, text + at, best.length)) {
      const uint32_t length = match_length(at, before, most);
      if (length > best.length) {
        best = {uint16_t(length), uint16_t(at - before)};
        if (length >= nice) break;
      }
    }
    place = before_[before & kWindowMask];
    lowest = lowest_next;
  }
  if (best.distance == 0 || best.length < parameters_.least) return {};
  const bool too_far =
      parameters_.parse == Parameters::kLazy && best.length == kMinMatch && best.distance > parameters_.max_distance_3;
  return too_far ? Token{} : best;
}

Token Predictor::search_run(size_t at) const {
  const auto most = uint32_t(std::min<size_t>(kMaxMatch, content_.size() - at));
  if (at == 0 || most < kMinMatch) return {};
  const uint32_t length = match_length(at, at - 1, most);
  return length < kMinMatch ? Token{} : Token{uint16_t(length), 1};
}

Token Predictor::predict() {
  found_ = {};
  if (left() == 0 || parameters_.parse == Parameters::kNone) return {};
  if (parameters_.parse == Parameters::kRuns) return found_ = search_run(position_);
  found_ = ahead_at_ == position_ ? ahead_ : search(position_, kMinMatch - 1);
  insert_up_to(position_ + 1);
  if (parameters_.parse == Parameters::kLazy && !found_.is_literal() && found_.length < parameters_.lazy) {
    const Token ahead = search(position_ + 1, found_.length);
    if (!ahead.is_literal()) {
      ahead_ = ahead;
      ahead_at_ = position_ + 1;
      return {};
    }
  }
  return found_;
}

void Predictor::pass(Token token) {
  const bool inserts_all = parameters_.parse == Parameters::kLazy || token.length <= parameters_.lazy;
  insert_up_to(position_ + (inserts_all ? token.length : 1));
  position_ += token.length;
  next_ = position_;
}

void Predictor::pass_stored(size_t size) {
  position_ += size;
  insert_up_to(position_);
}

// Calls visit with each position that has a match as long, the nearest first, until it returns false.
template <class Visit>
void Predictor::each_place(uint32_t length, Visit visit) const {
  if (parameters_.parse < Parameters::kGreedy || position_ >= hashable_ || left() < length) return;
  const uint32_t here = uint32_t(position_) + 1, lowest = here > kMaxDistance ? here - kMaxDistance : 1;
  int places = kMostPlaces;
  // The position itself is in the table since it was predicted.
  for (uint32_t place = before_[position_ & kWindowMask]; place >= lowest && places > 0; --places) {
    const size_t before = place - 1;
    if (match_length(position_, before, length) == length && !visit(before)) return;
    if (here - place == kMaxDistance) return;  // its place in the window is the position's
    place = before_[before & kWindowMask];
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
