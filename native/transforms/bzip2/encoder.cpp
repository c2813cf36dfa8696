#include "transforms/bzip2/encoder.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "transforms/bzip2/code_lengths.hpp"
#include "transforms/bzip2/rotations.hpp"

namespace nzip::bzip2 {
namespace {

constexpr size_t kSpare = 19;  // bytes of a block that bzip2 leaves free

struct Shortened {
  std::vector<uint8_t> bytes;
  size_t size;  // bytes of content
  uint32_t checksum;
};

// The first bytes of the content, with short runs, as many as a block has.
Shortened shorten_runs(std::span<const uint8_t> content, size_t most) {
  Shortened block{{}, 0, 0};
  block.bytes.reserve(most + kSpare);
  Checksum checksum;
  while (block.size < content.size() && block.bytes.size() < most) {
    const uint8_t byte = content[block.size];
    size_t run = 1;
    while (run < kMostRun && block.size + run < content.size() && content[block.size + run] == byte) ++run;
    for (size_t i = 0; i < run; ++i) checksum.add(byte);
    block.bytes.insert(block.bytes.end(), std::min(run, kRun), byte);
    if (run >= kRun) block.bytes.push_back(uint8_t(run - kRun));
    block.size += run;
  }
  block.checksum = checksum.value();
  return block;
}

std::vector<uint8_t> bytes_used(std::span<const uint8_t> block) {
  std::array<bool, 256> is_used{};
  for (const uint8_t byte : block) is_used[byte] = true;
  std::vector<uint8_t> used;
  for (size_t byte = 0; byte < 256; ++byte)
    if (is_used[byte]) used.push_back(uint8_t(byte));
  return used;
}

// Places in a list of bytes that each byte moves to the front of; how often that was the front already is a number of
// digits 1 (symbol 0) and 2 (symbol 1), the lowest first. The last symbol ends the block.
std::vector<uint16_t> move_to_front(std::span<const uint8_t> bytes, std::vector<uint8_t> list) {
  std::vector<uint16_t> symbols;
  symbols.reserve(bytes.size() + 1);
  size_t run = 0;
  const auto end_run = [&] {
    for (; run > 0; run = (run - 1) / 2) symbols.push_back(uint16_t(run % 2 ? 0 : 1));
  };
  for (const uint8_t byte : bytes) {
    if (list[0] == byte) {
      ++run;
      continue;
    }
    end_run();
    const size_t place = size_t(std::find(list.begin(), list.end(), byte) - list.begin());
    std::copy_backward(list.begin(), list.begin() + ptrdiff_t(place), list.begin() + ptrdiff_t(place) + 1);
    list[0] = byte;
    symbols.push_back(uint16_t(place + 1));
  }
  end_run();
  symbols.push_back(uint16_t(list.size() + 1));
  return symbols;
}

// Canonical codes of these lengths.
std::array<uint32_t, kMostSymbols> codes_of(const Lengths& lengths, size_t count) {
  std::array<uint32_t, kMostSymbols> codes{};
  uint32_t next = 0;
  const auto [least, most] = std::minmax_element(lengths.begin(), lengths.begin() + ptrdiff_t(count));
  for (int length = *least; length <= *most; ++length, next <<= 1)
    for (size_t symbol = 0; symbol < count; ++symbol)
      if (lengths[symbol] == length) codes[symbol] = next++;
  return codes;
}

}  // namespace

Encoder::Encoder(std::vector<uint8_t>& out, int level) : bits_(out), most_(kBytesPerLevel * size_t(level) - kSpare) {
  for (const char c : {'B', 'Z', 'h'}) bits_.write(uint8_t(c), 8);
  bits_.write(uint32_t('0' + level), 8);
}

size_t Encoder::write_block(std::span<const uint8_t> content, const Choice& choose) {
  const Shortened block = shorten_runs(content, most_);
  const Rotations rotations = sort_rotations(block.bytes);
  checksum_ = joined(checksum_, block.checksum);
  write_magic(kBlockMagic);
  bits_.write(block.checksum, 32);
  bits_.write(0, 1);  // not randomised
  bits_.write(rotations.equal > 1 ? choose(rotations.first, rotations.equal) : rotations.first, 24);
  const std::vector<uint8_t> used = bytes_used(block.bytes);
  write_bytes_used(used);
  write_symbols(move_to_front(rotations.last, used), used.size() + 2);
  return block.size;
}

void Encoder::end() {
  write_magic(kEndMagic);
  bits_.write(checksum_, 32);
  bits_.pad();
}

void Encoder::write_magic(const uint32_t (&magic)[2]) {
  for (const uint32_t half : magic) bits_.write(half, 24);
}

// Which of 16 ranges of bytes are used, and of each of these which bytes.
void Encoder::write_bytes_used(std::span<const uint8_t> used) {
  std::array<uint32_t, 16> ranges{};
  for (const uint8_t byte : used) ranges[byte / 16] |= 0x8000u >> byte % 16;
  for (const uint32_t range : ranges) bits_.write(range != 0, 1);
  for (const uint32_t range : ranges)
    if (range) bits_.write(range, 16);
}

void Encoder::write_symbols(std::span<const uint16_t> symbols, size_t count) {
  const Codes codes = choose_codes(symbols, count);
  bits_.write(uint32_t(codes.lengths.size()), 3);
  bits_.write(uint32_t(codes.selections.size()), 15);
  std::vector<uint8_t> list(codes.lengths.size());
  std::iota(list.begin(), list.end(), uint8_t(0));
  for (const uint8_t code : codes.selections) {
    const auto place = std::find(list.begin(), list.end(), code);
    for (auto at = list.begin(); at != place; ++at) bits_.write(1, 1);
    bits_.write(0, 1);
    std::rotate(list.begin(), place, place + 1);
  }
  std::vector<std::array<uint32_t, kMostSymbols>> words;
  for (const Lengths& lengths : codes.lengths) {
    words.push_back(codes_of(lengths, count));
    int last = lengths[0];
    bits_.write(uint32_t(last), 5);
    for (size_t symbol = 0; symbol < count; ++symbol) {
      for (; last < lengths[symbol]; ++last) bits_.write(2, 2);
      for (; last > lengths[symbol]; --last) bits_.write(3, 2);
      bits_.write(0, 1);
    }
  }
  for (size_t i = 0; i < symbols.size(); ++i) {
    const size_t code = codes.selections[i / kGroup];
    bits_.write(words[code][symbols[i]], codes.lengths[code][symbols[i]]);
  }
}

}  // namespace nzip::bzip2
