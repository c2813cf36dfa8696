#include "transforms/deflate/inflate.hpp"

#include <cstring>

#include "transforms/deflate/bits.hpp"

namespace nzip::deflate {
namespace {

constexpr size_t kTrial = 64;  // tokens after which a stream is believed to be one

// Canonical codes, decoded by a table of their first bits and, where they are longer, by counts.
class Decoder {
 public:
  // False where lengths are of no code: more than complete, or less, unless there is at most one of one bit.
  bool build(std::span<const uint8_t> lengths) {
    counts_.fill(0);
    for (const uint8_t length : lengths) ++counts_[length];
    counts_[0] = 0;
    int32_t left = 1;
    int longest = 0;
    for (int length = 1; length <= kMaxCode; ++length) {
      left = 2 * left - counts_[size_t(length)];
      if (left < 0) return false;
      if (counts_[size_t(length)]) longest = length;
    }
    if (left > 0 && longest > 1) return false;
    std::array<uint16_t, kMaxCode + 2> at{};
    for (size_t length = 1; length <= kMaxCode; ++length) at[length + 1] = uint16_t(at[length] + counts_[length]);
    const auto first = at;
    for (size_t symbol = 0; symbol < lengths.size(); ++symbol)
      if (lengths[symbol]) symbols_[at[lengths[symbol]]++] = uint16_t(symbol);
    fill(first);
    return true;
  }

  // The next symbol; -1 where no code is so or the data end.
  int next(BitReader& in) const {
    in.refill();
    const Entry entry = table_[in.peek(kTableBits)];
    if (entry.length) return in.skip(entry.length) ? entry.symbol : -1;
    return next_long(in);
  }

 private:
  static constexpr int kTableBits = 10;
  struct Entry {
    uint16_t symbol;
    uint8_t length;  // 0: longer than the table's bits, or no code
  };

  void fill(const std::array<uint16_t, kMaxCode + 2>& first) {
    table_.fill({0, 0});
    uint32_t code = 0;
    for (int length = 1; length <= kTableBits; ++length) {
      for (uint32_t i = 0; i < counts_[size_t(length)]; ++i, ++code) {
        const uint16_t symbol = symbols_[first[size_t(length)] + i];
        for (uint32_t at = reversed(code, length); at < table_.size(); at += 1u << length)
          table_[at] = {symbol, uint8_t(length)};
      }
      code <<= 1;
    }
  }

  int next_long(BitReader& in) const {
    int32_t code = 0, first = 0, index = 0;
    for (int length = 1; length <= kMaxCode; ++length) {
      code |= int32_t(in.peek(length) >> (length - 1) & 1);
      const int32_t count = counts_[size_t(length)];
      if (code - count < first) return in.skip(length) ? symbols_[size_t(index + code - first)] : -1;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    return -1;
  }

  std::array<uint16_t, kMaxCode + 1> counts_;
  std::array<uint16_t, kLiteralSymbols + 2> symbols_;
  std::array<Entry, size_t(1) << kTableBits> table_;
};

class Inflater {
 public:
  Inflater(std::span<const uint8_t> packed, size_t max_content, size_t max_tokens, const Stop& stop)
      : in_(packed), max_content_(max_content), max_tokens_(max_tokens), stop_(stop) {}

  enum Result { kRead, kCut, kWrong };  // cut: the data, the content or the tokens that are asked for end before it

  Result read(Block& block, std::vector<uint8_t>& content) {
    uint32_t final, kind;
    if (!in_.take(1, final) || !in_.take(2, kind)) return kCut;
    if (kind == 3) return kWrong;
    block.final = final != 0;
    block.kind = Block::Kind(kind);
    if (block.kind == Block::kStored) return read_stored(block, content);
    if (block.kind == Block::kDynamic) {
      if (const Result result = read_codes(block.codes); result != kRead) return result;
    } else {
      std::array<uint8_t, kLiteralSymbols + 2> lengths;
      for (size_t i = 0; i < lengths.size(); ++i) lengths[i] = fixed_length(i);
      std::array<uint8_t, 32> distances;
      distances.fill(kFixedDistance);
      literals_.build(lengths);
      distances_.build(distances);
    }
    return read_tokens(block, content);
  }

  size_t position() const { return in_.position(); }

 private:
  Result ended() const { return in_.at_end() ? kCut : kWrong; }

  Result read_stored(Block& block, std::vector<uint8_t>& content) {
    uint32_t padding, size, inverse;
    if (!in_.take(int(-in_.position() & 7), padding) || !in_.take(16, size) || !in_.take(16, inverse)) return kCut;
    if ((size ^ inverse) != 0xffff) return kWrong;
    block.padding = uint8_t(padding);
    block.stored = size;
    const auto bytes = in_.bytes(size);
    if (bytes.size() < size || size > max_content_ - content.size()) return kCut;
    content.insert(content.end(), bytes.begin(), bytes.end());
    return kRead;
  }

  Result read_codes(Codes& codes) {
    uint32_t literals, distances, run_codes, value;
    if (!in_.take(5, literals) || !in_.take(5, distances) || !in_.take(4, run_codes)) return kCut;
    codes.literals = literals + kFirstLength;
    codes.distances = distances + 1;
    codes.run_codes = run_codes + 4;
    if (codes.literals > kLiteralSymbols || codes.distances > kDistanceSymbols) return kWrong;
    for (size_t i = 0; i < codes.run_codes; ++i) {
      if (!in_.take(3, value)) return kCut;
      codes.run_lengths[kRunOrder[i]] = uint8_t(value);
    }
    if (!literals_.build(codes.run_lengths)) return kWrong;
    for (size_t at = 0; at < codes.count();) {
      const int symbol = literals_.next(in_);
      if (symbol < 0) return ended();
      const Range range = run_range(uint8_t(symbol));
      if (!in_.take(range.extra, value)) return kCut;
      const size_t count = range.base + value;
      if (count > codes.count() - at || (symbol == kRepeat && at == 0)) return kWrong;
      const uint8_t length = symbol < kRepeat    ? uint8_t(symbol)
                             : symbol == kRepeat ? codes.lengths[at - 1]
                                                 : uint8_t(0);
      std::memset(&codes.lengths[at], length, count);
      codes.runs.push_back({uint8_t(symbol), uint8_t(count)});
      at += count;
    }
    const std::span<const uint8_t> lengths(codes.lengths);
    const bool ends = codes.lengths[kEndOfBlock] != 0;
    const bool right = ends && literals_.build(lengths.first(codes.literals)) &&
                       distances_.build(lengths.subspan(codes.literals, codes.distances));
    return right ? kRead : kWrong;
  }

  Result read_tokens(Block& block, std::vector<uint8_t>& content) {
    for (;;) {
      if ((block.tokens.size() & 0xfff) == 0) stop_.check();
      if (tokens_ == max_tokens_) return kCut;
      const int symbol = literals_.next(in_);
      if (symbol < 0) return ended();
      if (symbol == int(kEndOfBlock)) return kRead;
      if (symbol < int(kEndOfBlock)) {
        if (content.size() >= max_content_) return kCut;
        content.push_back(uint8_t(symbol));
        add(block, {});
        continue;
      }
      if (symbol >= int(kLiteralSymbols)) return kWrong;
      uint32_t more;
      const Range lengths = kLengths[size_t(symbol) - kFirstLength];
      if (!in_.take(lengths.extra, more)) return kCut;
      const uint32_t length = lengths.base + more;
      if (length == kMaxMatch && lengths.extra) return kWrong;  // another way to write it, which no encoder here does
      const int code = distances_.next(in_);
      if (code < 0) return ended();
      if (code >= int(kDistanceSymbols)) return kWrong;
      const Range distances = kDistances[size_t(code)];
      if (!in_.take(distances.extra, more)) return kCut;
      const uint32_t distance = distances.base + more;
      if (distance > content.size()) return kWrong;
      if (length > max_content_ - content.size()) return kCut;
      const size_t at = content.size();
      content.resize(at + length);
      uint8_t* const to = content.data() + at;
      if (distance >= length) {
        std::memcpy(to, to - distance, length);
      } else {
        for (uint32_t i = 0; i < length; ++i) to[i] = (to - distance)[i];
      }
      add(block, {uint16_t(length), uint16_t(distance)});
    }
  }

  void add(Block& block, Token token) {
    block.tokens.push_back(token);
    ++tokens_;
  }

  BitReader in_;
  const size_t max_content_, max_tokens_;
  size_t tokens_ = 0;
  const Stop& stop_;
  Decoder literals_, distances_;
};

}  // namespace

Parsed inflate(std::span<const uint8_t> packed, size_t max_content, const Stop& stop) {
  Parsed parsed;
  Inflater inflater(packed, max_content, kMostTokens, stop);
  size_t bits = 0, size = 0;
  for (bool ends = false; !ends;) {
    Block block;
    const Inflater::Result result = inflater.read(block, parsed.content);
    if (result == Inflater::kWrong) return parsed;
    if (result == Inflater::kCut) {
      parsed.content.resize(size);
      break;
    }
    bits = inflater.position();
    size = parsed.content.size();
    ends = block.final;
    parsed.blocks.push_back(std::move(block));
  }
  parsed.valid = !parsed.blocks.empty();
  parsed.packed = (bits + 7) / 8;
  parsed.tail_bits = uint8_t(-bits & 7);
  if (parsed.tail_bits) parsed.tail = uint8_t(packed[parsed.packed - 1] >> (8 - parsed.tail_bits));
  return parsed;
}

bool may_be_deflate(std::span<const uint8_t> packed) {
  static const Stop never;
  std::vector<uint8_t> content;
  Block block;
  Inflater inflater(packed, SIZE_MAX, kTrial, never);
  switch (inflater.read(block, content)) {
    case Inflater::kRead:
      return true;
    case Inflater::kCut:
      return block.tokens.size() >= kTrial;
    case Inflater::kWrong:
      break;
  }
  return false;
}

}  // namespace nzip::deflate
