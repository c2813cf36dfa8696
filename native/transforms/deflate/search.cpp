#include "transforms/deflate/search.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/byte_order.hpp"

namespace nzip::deflate {

namespace {

constexpr uint32_t kFactor = 2654435761, kOtherFactor = 0x1e35a7bd;
constexpr int kBitsOfThree = 15;

// A chain of our own: no decision depends on it.
constexpr uint64_t kFactorOfLonger = 0x9e3779b97f4a7c15;
constexpr uint32_t kLongerBy = 2;  // bytes more than the main chain's
constexpr int kBitsOfLonger = 16;
constexpr uint32_t kLeastPlaces = 64;   // for fewer there is only the main chain
constexpr size_t kAhead = 1024;         // positions that become known at once where all do
constexpr uint32_t kPatience = 4;       // places that are no better, before a rarer hash is tried,
constexpr uint32_t kLongPatience = 16;  // and then, before the encoder's own are

uint64_t eight_bytes(const uint8_t* at) {
  uint64_t eight;
  std::memcpy(&eight, at, 8);
  to_little_endian(&eight, 8, 8);
  return eight;
}
uint32_t four_bytes(const uint8_t* at) {
  uint32_t four;
  std::memcpy(&four, at, 4);
  to_little_endian(&four, 4, 4);
  return four;
}

// Of the lowest bytes.
uint32_t hash_of(uint64_t bytes, uint32_t count) {
  return uint32_t((bytes << (64 - 8 * count)) * kFactorOfLonger >> (64 - kBitsOfLonger));
}

uint32_t hash_of_three(uint64_t bytes) { return (uint32_t(bytes) & 0xffffff) * kOtherFactor >> (32 - kBitsOfThree); }

// Whether the bytes up to the one at `length` may be the same, so that it is worth comparing all.
bool ends_alike(const uint8_t* a, const uint8_t* b, uint32_t length) {
  return length < 3 ? a[length] == b[length] : four_bytes(a + length - 3) == four_bytes(b + length - 3);
}

inline uint32_t same_bytes(const uint8_t* a, const uint8_t* b, uint32_t most) {
  uint32_t length = 0;
  for (; length + 8 <= most; length += 8)
    if (const uint64_t differ = eight_bytes(a + length) ^ eight_bytes(b + length))
      return length + uint32_t(std::countr_zero(differ)) / 8;
  while (length < most && a[length] == b[length]) ++length;
  return length;
}

}  // namespace

Search::Search(std::span<const uint8_t> content, const Parameters& parameters, size_t start)
    : content_(content),
      parameters_(parameters),
      knows_all_(parameters.parse >= Parameters::kLazy && parameters.parse != Parameters::kMoved),
      hashable_(content.size() < parameters.hash_bytes() ? 0 : content.size() - parameters.hash_bytes() + 1),
      // zlib takes position 0 for none, and goes on only to what is nearer than the farthest.
      floor_(std::max(ptrdiff_t(start), ptrdiff_t(!parameters.first_byte))),
      further_least_(!parameters.first_byte),
      next_(start),
      base_(start - Chain::kFirst) {
  if (parameters.parse < Parameters::kGreedy) {
    next_ = SIZE_MAX;  // nothing is ever known
    return;
  }
  const size_t size = content.size() - start;
  main_.make(parameters.hash_bits, size);
  if (parameters.hash == Parameters::kOfFourAndThree) three_.make(kBitsOfThree, size);
  if (!knows_all_ || parameters.chain < kLeastPlaces) return;
  longer_.make(kBitsOfLonger, size);
  numbers_.resize(std::min(std::bit_ceil(size), Chain::kMostPlaces));
}

template <Parameters::Hash kind, bool has_longer, class Read>
void Search::insert_by(size_t end, Read read) {
  constexpr uint32_t kBytes = kind == Parameters::kOfThree ? 3 : 4;
  const int bits = parameters_.hash_bits, shift = (bits + 2) / 3;
  const uint32_t mask = (1u << bits) - 1;
  const size_t base = base_;
  Chain::Places main(main_), three(three_), longer(longer_);
  uint16_t* const numbers = numbers_.data();
  const size_t numbered = numbers_.size() - 1;
  size_t at = next_;
  for (; at < end; ++at) {
    const uint64_t next = read(at);
    const auto four = uint32_t(next), behind_base = uint32_t(at - base);
    uint32_t hash;
    if constexpr (kind == Parameters::kOfThree) {
      hash = ((four & 0xff) << 2 * shift ^ (four >> 8 & 0xff) << shift ^ (four >> 16 & 0xff)) & mask;
    } else {
      hash = four * (kind == Parameters::kOfFour ? kFactor : kOtherFactor) >> (32 - bits);
    }
    const uint32_t further = main.insert(hash, at, behind_base);
    if constexpr (kind == Parameters::kOfFourAndThree) three.insert(hash_of_three(next), at, behind_base);
    if constexpr (has_longer) {
      numbers[at & numbered] = uint16_t(numbers[(at - further) & numbered] + 1);
      longer.insert(hash_of(next, kBytes + kLongerBy), at, behind_base);
    }
  }
  next_ = at;
}

template <Parameters::Hash kind, bool has_longer>
void Search::insert_by(size_t end) {
  const uint8_t* const text = content_.data();
  const size_t size = content_.size(), fast = size < 8 ? 0 : std::min(end, size - 7);
  insert_by<kind, has_longer>(fast, [text](size_t at) { return eight_bytes(text + at); });
  insert_by<kind, has_longer>(end, [text, size](size_t at) {
    uint64_t bytes = 0;
    for (size_t i = size; i-- > at;) bytes = bytes << 8 | text[i];
    return bytes;
  });
}

void Search::insert(size_t end) {
  end = std::min(knows_all_ ? end + kMaxMatch + kAhead : end, hashable_);
  while (next_ < end) {
    if (next_ - base_ > 0xffff) {
      base_ += 0x10000 - Chain::kFirst;
      for (Chain* chain : {&main_, &three_, &longer_}) chain->slide();
      continue;
    }
    const size_t here = std::min(end, base_ + 0x10000);
    const bool has_longer = !longer_.empty();
    switch (parameters_.hash) {
      case Parameters::kOfThree:
        has_longer ? insert_by<Parameters::kOfThree, true>(here) : insert_by<Parameters::kOfThree, false>(here);
        break;
      case Parameters::kOfFour:
        has_longer ? insert_by<Parameters::kOfFour, true>(here) : insert_by<Parameters::kOfFour, false>(here);
        break;
      case Parameters::kOfFourAndThree:
        has_longer ? insert_by<Parameters::kOfFourAndThree, true>(here)
                   : insert_by<Parameters::kOfFourAndThree, false>(here);
        break;
      case Parameters::kOfFourOnly:
        has_longer ? insert_by<Parameters::kOfFourOnly, true>(here) : insert_by<Parameters::kOfFourOnly, false>(here);
        break;
    }
  }
}

// One after the other behind a place, as the encoder does: what is better than the best so far.
Token Search::among_all(const Here& here, ptrdiff_t place, uint32_t enough, Token best) const {
  const uint8_t *const text = content_.data(), *const bytes = text + here.at;
  const Chain::Links links = main_.links();
  const bool is_first = place == here.at;
  ptrdiff_t lowest = is_first ? here.first : here.next;
  for (uint32_t left = here.places - (is_first ? 0 : steps(here.at, place)); left > 0; --left) {
    place -= links[place];
    if (place < lowest) break;
    lowest = here.next;
    if (!ends_alike(text + place, bytes, best.length)) continue;
    const uint32_t length = same_bytes(bytes, text + place, here.most);
    if (length <= best.length) continue;
    best = {uint16_t(length), uint16_t(here.at - place)};
    if (length >= enough) break;
  }
  return best;
}

// Longer ones than that, by the hash of more bytes: the last of those by which they must be longer, of which there are
// few places. What they are in the main chain tells whether the encoder looks there. False where too many were looked
// at to be sure that it is the longest.
bool Search::among_longer(const Here& here, Token& best) const {
  const uint8_t *const text = content_.data(), *const bytes = text + here.at;
  const Chain::Links links = longer_.links();
  const uint32_t hashed = uint32_t(parameters_.hash_bytes()) + kLongerBy;
  const uint32_t begin = four_bytes(bytes);
  uint32_t end = four_bytes(bytes + best.length - 3);
  ptrdiff_t last = here.at;  // which has been looked at, as has all from there on
  uint32_t offset = best.length + 1 - hashed, patience = kPatience;
  bool is_rarest = false;
  for (ptrdiff_t place = here.at + offset;;) {
    place -= links[place];
    const ptrdiff_t start = place - offset;
    if (start < here.first) return true;
    const uint8_t* const there = text + start;
    // All at once, as none of these can be foreseen.
    const bool may_be = (start < last) & (four_bytes(there + best.length - 3) == end) & (four_bytes(there) == begin);
    const uint32_t length = may_be ? same_bytes(bytes, there, here.most) : 0;
    if (length > best.length) {
      const uint32_t number = steps(here.at, start);
      if (number > here.places || (number > 1 && start < here.next)) return true;
      best = {uint16_t(length), uint16_t(here.at - start)};
      if (length >= here.nice) return true;
      end = four_bytes(bytes + length - 3);
      last = start;
      patience = kPatience;
      is_rarest = false;
      if (offset == length + 1 - hashed) continue;
      offset = length + 1 - hashed;
      place = here.at + offset;
    } else if (--patience == 0) {
      if (is_rarest) return false;
      is_rarest = true;
      patience = kLongPatience;
      offset = rarest(here.at, best.length + 2 - hashed);
      place = here.at + offset;
    }
  }
}

Token Search::longest(size_t position, uint32_t longer_than, uint32_t places) const {
  if (position >= hashable_ || main_.leaves_out(position)) return {};
  const auto most = uint32_t(std::min<size_t>(kMaxMatch, content_.size() - position));
  if (most <= longer_than) return {};
  const auto at = ptrdiff_t(position), farthest = at - parameters_.max_distance;
  const Here here = {at,
                     std::max(floor_, farthest),
                     std::max(floor_, farthest + further_least_),
                     places,
                     most,
                     std::min<uint32_t>(parameters_.nice, most)};
  Token best{uint16_t(longer_than), 0};
  uint32_t enough = here.nice;
  if (const uint32_t longer = uint32_t(parameters_.hash_bytes()) + kLongerBy; !longer_.empty() && enough >= longer) {
    Token found{uint16_t(std::max(longer_than, longer - 1)), 0};
    const bool is_sure = among_longer(here, found);
    if (is_sure && !found.is_literal()) return found;
    // If there surely is no long one in the limits, a shorter one is as good as the longest can be.
    if (is_sure) enough = longer - 1;
    if (enough <= longer_than) return {};
    if (!found.is_literal()) best = found;
  }
  if (best.is_literal() && longer_than < kMinMatch && !three_.empty()) {
    if (const Token three = last_of_three(position); !three.is_literal()) best = three;
    best = among_all(here, at, enough, best);
  } else {
    best = among_all(here, at - best.distance, enough, best);
  }
  return best.is_literal() ? Token{} : best;
}

// Of so many positions that which is farthest from the one before it with its hash.
uint32_t Search::rarest(ptrdiff_t at, uint32_t count) const {
  const Chain::Links links = longer_.links();
  uint32_t best = 0;
  ptrdiff_t farthest = 0;
  for (uint32_t i = 0; i < count; ++i)
    if (const ptrdiff_t further = links[at + i]; further > farthest) {
      farthest = further;
      best = i;
    }
  return best;
}

// Along the main chain to a place that has more bytes in common than were hashed.
uint32_t Search::steps(ptrdiff_t at, ptrdiff_t place) const {
  const size_t numbered = numbers_.size() - 1;
  return uint16_t(numbers_[size_t(at) & numbered] - numbers_[size_t(place) & numbered]);
}

uint32_t Search::match_length(size_t at, size_t before, uint32_t most) const {
  return same_bytes(content_.data() + at, content_.data() + before, most);
}

// What three bytes match last, if that is near enough.
Token Search::last_of_three(size_t at) const {
  const auto distance = size_t(three_.links()[ptrdiff_t(at)]);
  if (distance > parameters_.max_distance || match_length(at, at - distance, kMinMatch) < kMinMatch) return {};
  return {kMinMatch, uint16_t(distance)};
}

}  // namespace nzip::deflate
