#include "transforms/deflate/writer.hpp"

namespace nzip::deflate {
namespace {

// Canonical codes, ready to be written.
class Encoder {
 public:
  // False where there are more codes than there is room for.
  bool build(std::span<const uint8_t> lengths) {
    std::array<uint32_t, kMaxCode + 1> numbers{}, next{};
    for (const uint8_t length : lengths) ++numbers[length];
    numbers[0] = 0;
    for (size_t length = 1; length <= kMaxCode; ++length) {
      next[length] = (next[length - 1] + numbers[length - 1]) << 1;
      if (next[length] + numbers[length] > 1u << length) return false;
    }
    codes_.fill({0, 0});
    for (size_t i = 0; i < lengths.size(); ++i)
      if (const uint8_t length = lengths[i]) codes_[i] = {uint16_t(reversed(next[length]++, length)), length};
    return true;
  }
  bool put(size_t symbol, BitWriter& out) const {
    const Code code = codes_[symbol];
    out.put(code.bits, code.length);
    return code.length != 0;
  }

 private:
  struct Code {
    uint16_t bits;
    uint8_t length;
  };
  std::array<Code, kLiteralSymbols + 2> codes_;
};

bool write_codes(const Codes& codes, BitWriter& out) {
  Encoder encoder;
  if (!encoder.build(codes.run_lengths)) return false;
  out.put(uint32_t(codes.literals - kFirstLength), 5);
  out.put(uint32_t(codes.distances - 1), 5);
  out.put(uint32_t(codes.run_codes - 4), 4);
  for (size_t i = 0; i < codes.run_codes; ++i) out.put(codes.run_lengths[kRunOrder[i]], 3);
  for (const Run run : codes.runs) {
    if (!encoder.put(run.symbol, out)) return false;
    const Range range = run_range(run.symbol);
    out.put(uint32_t(run.count - range.base), range.extra);
  }
  return true;
}

bool write_tokens(const Block& block, const uint8_t* content, const Encoder& literals, const Encoder& distances,
                  BitWriter& out, const Stop& stop) {
  for (const Token token : block.tokens) {
    stop.check();
    if (token.is_literal()) {
      if (!literals.put(*content++, out)) return false;
      continue;
    }
    const size_t length = length_symbol(token.length), distance = distance_symbol(token.distance);
    const Range lengths = kLengths[length - kFirstLength], range = kDistances[distance];
    if (!literals.put(length, out)) return false;
    out.put(uint32_t(token.length - lengths.base), lengths.extra);
    if (!distances.put(distance, out)) return false;
    out.put(uint32_t(token.distance - range.base), range.extra);
    content += token.length;
  }
  return literals.put(kEndOfBlock, out);
}

}  // namespace

bool write_block(const Block& block, std::span<const uint8_t> content, BitWriter& out, const Stop& stop) {
  out.put(uint32_t(block.final) | uint32_t(block.kind) << 1, 3);
  if (block.kind == Block::kStored) {
    const int bits = out.to_byte();
    out.put(block.padding & ((1u << bits) - 1), bits);
    out.put(block.stored, 16);
    out.put(block.stored ^ 0xffff, 16);
    out.put(content.first(block.stored));
    return true;
  }
  Encoder literals, distances;
  if (block.kind == Block::kDynamic) {
    const std::span<const uint8_t> lengths(block.codes.lengths);
    if (!literals.build(lengths.first(block.codes.literals)) ||
        !distances.build(lengths.subspan(block.codes.literals, block.codes.distances)) ||
        !write_codes(block.codes, out))
      return false;
  } else {
    std::array<uint8_t, kLiteralSymbols + 2> lengths;
    for (size_t i = 0; i < lengths.size(); ++i) lengths[i] = fixed_length(i);
    literals.build(lengths);
    std::array<uint8_t, 32> fives;
    fives.fill(kFixedDistance);
    distances.build(fives);
  }
  return write_tokens(block, content.data(), literals, distances, out, stop);
}

}  // namespace nzip::deflate
