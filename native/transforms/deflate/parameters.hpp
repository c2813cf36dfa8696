// What describes an encoder: how it looks for matches, which it takes, and where it ends blocks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "transforms/deflate/symbols.hpp"

namespace nzip::deflate {

struct Parameters {
  // No matches; those of distance 1; what is found first; as zlib, unless the next place has a longer one; as
  // libdeflate, unless one of the next, or of the next two, gains more; as zlib-ng, unless the match behind it can
  // begin so much earlier that it is not needed.
  enum Parse : uint8_t { kNone, kRuns, kGreedy, kLazy, kGain, kGain2, kMoved };
  enum Split : uint8_t { kByTokens, kByGain };  // where blocks end, see BlockEnd
  // Of three bytes, as zlib; of four, as zlib-ng; of four, and the last place of three, as libdeflate; without three,
  // as libdeflate at its fastest.
  enum Hash : uint8_t { kOfThree, kOfFour, kOfFourAndThree, kOfFourOnly };

  Parse parse = kLazy;
  Split split = kByTokens;
  Hash hash = kOfThree;
  uint8_t hash_bits = 15;         // 8 to 16
  bool first_byte = false;        // whether what is at the content's start, or as far as may be, is found like all else
  uint16_t chain = 4096;          // places that are looked at
  uint16_t good = 32;             // a quarter of them where a match of that length is there already
  uint16_t nice = kMaxMatch;      // no more places after a match of that length
  uint16_t lazy = kMaxMatch;      // lazy: the next place is looked at after shorter ones; greedy: the most to insert
  uint16_t least = kMinMatch;     // length of a match; 0: by the literals of the block, as libdeflate
  uint16_t max_distance = 32506;  // of a match
  uint16_t max_distance_3 = 4096;  // of one of three bytes
  uint16_t block_tokens = 16383;   // of a block at most; 0: any number

  bool operator==(const Parameters&) const = default;
  bool valid() const;
  size_t hash_bytes() const { return hash == kOfThree ? 3 : 4; }
};

constexpr int kLevels = 9, kNgLevels = 6;
Parameters zlib_level(int level);
Parameters zlib_ng_level(int level);

// Whether they are written as one byte.
bool has_number(const Parameters& parameters);

void write(const Parameters& parameters, std::vector<uint8_t>& out);
// Takes them off the data's front; nothing where there are none.
std::optional<Parameters> read(std::span<const uint8_t>& data);

}  // namespace nzip::deflate
