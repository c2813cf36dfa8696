// The inputs of the network glr2: what it sees of a lane besides its own state, and of what the block's bytes so far
// have taught. Each is the row of a table at one position. The specification is docs/model.md; trained networks depend
// on every line of it. All of it is integer arithmetic, and it is the same whether bytes are known ahead or not.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "base/lanes.hpp"
#include "experts/network/followers.hpp"
#include "experts/network/text_place.hpp"

namespace nzip::glr2 {

// Contexts whose followers are kept: the last one to six bytes, words, the layout of lines.
enum Context { kOrder1, kOrder2, kOrder3, kOrder4, kOrder5, kOrder6, kWord, kSkip, kAbove, kField, kContexts };
constexpr int kSlotsLog2[kContexts] = {10, 15, 16, 16, 16, 16, 16, 15, 16, 15};

constexpr int kFirstClasses = 9, kSecondClasses = 3, kMatchClasses = 12;
constexpr int kFirstRows = kFirstClasses * 256 + 1, kSecondRows = kSecondClasses * 256 + 1;
constexpr int kMatchRows = kMatchClasses * 256 + 1;
constexpr int kLookaheadRows = 4 * 256 + 1, kAgreementRows = 486, kExpectedRows = 8 * 256 + 1;

// Tables of the first layer's gates, then those of the residual stream.
constexpr int kGateTables = 5, kPlainTables = 6, kHashedTables = 8;
constexpr int kHashedLog2[kHashedTables] = {15, 13, 16, 15, 14, 15, 15, 15};

// A block's bytes and how lanes divide them. Before a round, the bytes of all earlier rounds are known.
struct Block {
  const uint8_t* bytes;
  LaneCut cut;

  bool known(uint32_t at, uint32_t round) const { return round && cut.coded(at, round - 1, UINT32_MAX); }
};

// What the bytes of a block have taught, round after round and lane after lane.
class Statistics {
 public:
  Statistics() : where_(size_t(1) << kWhereLog2) {
    for (int log2 : kSlotsLog2) followers_.emplace_back(log2);
  }

  static constexpr uint64_t memory() {
    uint64_t bytes = sizeof(uint32_t) << kWhereLog2;
    for (int log2 : kSlotsLog2) bytes += Followers::memory(log2);
    return bytes;
  }

 private:
  friend class Inputs;
  static constexpr int kWhereLog2 = 16;
  std::vector<Followers> followers_;
  std::vector<uint32_t> where_;  // behind the last bytes with a hash: a position in the block
};

// A lane's contexts.
class Inputs {
 public:
  explicit Inputs(uint32_t begin) : place_(begin) { hash_contexts(); }

  // Takes the lane's byte of a round, which stands at `at`.
  void push(Statistics& statistics, const Block& block, uint32_t at, uint32_t round) {
    const uint8_t c = block.bytes[at];
    for (int k = 0; k < kContexts; ++k) statistics.followers_[k].take(context_[k], c);
    take_text(block.bytes, at, c);
    take_match(statistics, block, at, round);
    hash_contexts();
  }

  // The row of each table, in the tables' order, before a round.
  void rows(const Statistics& statistics, const Block& block, uint32_t round, int32_t* row) const {
    std::array<Follower, kContexts> found;
    for (int k = 0; k < kContexts; ++k) found[k] = statistics.followers_[k].find(context_[k]);
    const int matched = match_ && block.known(match_, round) ? block.bytes[match_] : -1;
    const bool ahead = matched >= 0 && block.known(match_ + 1, round);
    const int expected = expect(found, matched);
    const int strength = expected < 0 ? 0 : agreement(found, matched, expected);

    for (int k = 0; k < 4; ++k) *row++ = int32_t(last8_ >> 8 * k & 255);
    *row++ = expected < 0 ? 4 * 256 : strength / 2 * 256 + expected;

    *row++ = int32_t(last8_ & 255);
    *row++ = int32_t(last8_ >> 8 & 255);
    *row++ = above_;
    *row++ = int32_t(place_.column_row());
    *row++ = int32_t(place_.layout_row());
    *row++ = int32_t(std::min(field_, 15u) * 16 + std::min(field_length_, 15u));

    const uint64_t hashed[kHashedTables] = {
        place_.word,
        place_.last_word + 1,
        words(),
        words() * kMix + place_.last_word_but_one,
        last8_ & 0xffffff,
        last8_ & 0xffffffff,
        last8_ & 0xffffffffff,
        last8_ & 0xffffffffffff,
    };
    for (int k = 0; k < kHashedTables; ++k) *row++ = int32_t((hashed[k] + k) * kMix >> (64 - kHashedLog2[k]));

    for (int k = 0; k < kContexts; ++k) *row++ = first_row(found[k]);
    for (int k = 0; k < kContexts; ++k) *row++ = second_row(found[k]);
    *row++ = int32_t(matched >= 0 ? 1 + 256 * match_class() + matched : 0);
    *row++ = int32_t(ahead ? 1 + 256 * std::min(match_class() / 3, 3) + block.bytes[match_ + 1] : 0);
    *row++ = agreement_row(found, matched, expected);
    *row++ = int32_t(expected < 0 ? 0 : 1 + strength * 256 + expected);
  }

 private:
  static constexpr uint64_t kMix = 0x9E3779B97F4A7C15ull;
  static constexpr uint32_t kLeastMatch = 6, kVerified = 32, kSettled = 16;

  static int32_t first_row(Follower f) {
    if (!f.count) return 0;
    int sure;
    if (!f.second_count)
      sure = f.count < 3 ? f.count - 1 : f.count < 5 ? 2 : f.count < 9 ? 3 : 4;
    else
      sure = f.count < 3 ? 5 : f.count < 2 * f.second_count ? 6 : f.count < 8 ? 7 : 8;
    return 1 + sure * 256 + f.first;
  }
  static int32_t second_row(Follower f) {
    if (!f.second_count) return 0;
    const int sure = 2 * f.second_count >= f.count ? 2 : f.second_count > 1;
    return 1 + sure * 256 + f.second;
  }

  // The byte that the most specific context expects, or -1.
  static int expect(const std::array<Follower, kContexts>& found, int matched) {
    if (matched >= 0) return matched;
    for (int k : {kOrder6, kOrder5, kOrder4, kWord, kOrder3, kOrder2, kOrder1})
      if (found[size_t(k)].count) return found[size_t(k)].first;
    return -1;
  }
  // How many contexts expect this byte first, 0 to 7.
  static int agreement(const std::array<Follower, kContexts>& found, int matched, int expected) {
    int count = (matched == expected) - 1;
    for (int k : {kOrder1, kOrder2, kOrder3, kOrder4, kOrder5, kOrder6, kWord})
      count += found[size_t(k)].count && found[size_t(k)].first == expected;
    return count;
  }
  static int32_t agreement_row(const std::array<Follower, kContexts>& found, int matched, int expected) {
    const auto third = [&](int k) { return !found[size_t(k)].count ? 0 : found[size_t(k)].first != expected ? 1 : 2; };
    const int match = matched < 0 ? 0 : 1;
    const bool order2 = found[kOrder2].count && found[kOrder2].first == expected;
    return ((((match * 3 + third(kOrder6)) * 3 + third(kOrder4)) * 3 + third(kOrder3)) * 3 + third(kWord)) * 2 + order2;
  }

  int match_class() const {
    constexpr uint32_t kBounds[kMatchClasses - 1] = {8, 10, 12, 14, 16, 20, 24, 32, 64, 128, 400};
    int k = 0;
    while (k < kMatchClasses - 1 && match_length_ >= kBounds[k]) ++k;
    return k;
  }

  void take_text(const uint8_t* block, uint32_t at, uint8_t c) {
    last8_ = last8_ << 8 | c;
    place_.push(at, c);
    if (c == '\n') {
      field_ = field_length_ = 0;
    } else if (c == ',' || c == '\t' || c == ';' || c == '|' || c == ':' || c == '"' || c == '=' || c == '<') {
      ++field_;
      field_length_ = 0;
    } else {
      ++field_length_;
    }
    above_ = place_.above(block);
    above_next_ = place_.above(block, 1);
  }

  // Looks for where the last bytes were before, until the match is long.
  void take_match(Statistics& statistics, const Block& block, uint32_t at, uint32_t round) {
    if (match_ && block.known(match_, round) && block.bytes[match_] == block.bytes[at]) {
      ++match_;
      match_length_ = std::min(match_length_ + 1, 65535u);
    } else {
      match_ = 0;
      match_length_ = 0;
    }
    if (++seen_ < kLeastMatch) return;
    uint32_t& where =
        statistics.where_[((last8_ & 0xffffffffffff) * 0xD6E8FEB86659FD93ull) >> (64 - Statistics::kWhereLog2)];
    if (match_length_ < kSettled && where && where != match_) {
      const uint8_t *there = block.bytes + where - 1, *here = block.bytes + at;
      const uint32_t most = std::min({kVerified, where - block.cut.floor_of(where - 1), round + 1});
      uint32_t length = 0;
      while (length < most && there[-ptrdiff_t(length)] == here[-ptrdiff_t(length)]) ++length;
      if (length >= kLeastMatch && length > match_length_) {
        match_ = where;
        match_length_ = length;
      }
    }
    where = at + 1;
  }

  uint64_t words() const { return uint64_t(place_.word) << 32 | place_.last_word; }

  void hash_contexts() {
    const uint64_t keys[kContexts] = {
        last8_ & 0xff,
        last8_ & 0xffff,
        last8_ & 0xffffff,
        last8_ & 0xffffffff,
        last8_ & 0xffffffffff,
        last8_ & 0xffffffffffff,
        words(),
        last8_ & 0xffffff00,
        uint64_t(above_) << 24 | above_next_ << 16 | (last8_ & 0xffff),
        uint64_t(std::min(field_, 255u)) << 24 | std::min(field_length_, 255u) << 16 | (last8_ & 0xff),
    };
    for (int k = 0; k < kContexts; ++k) context_[k] = (keys[k] ^ keys[k] >> 29) * kMix ^ uint64_t(k) << 24;
  }

  std::array<uint64_t, kContexts> context_;
  uint64_t last8_ = 0x0a0a0a0a0a0a0a0aull;
  TextPlace place_;
  uint32_t field_ = 0, field_length_ = 0, above_ = '\n', above_next_ = '\n';
  uint32_t match_ = 0, match_length_ = 0, seen_ = 0;
};

}  // namespace nzip::glr2
