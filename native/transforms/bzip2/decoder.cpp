#include "transforms/bzip2/decoder.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "transforms/bzip2/block.hpp"

namespace nzip::bzip2 {
namespace {

constexpr int kLongest = 20;  // bits of a code

void require(bool holds, const char* otherwise) {
  if (!holds) throw std::invalid_argument(otherwise);
}

uint32_t unary(BitReader& bits, uint32_t most) {
  uint32_t number = 0;
  while (bits.read(1)) require(++number <= most, "a number beyond what there is");
  return number;
}

// Takes what stands at a place of a list, and moves it to the front.
uint8_t take(std::vector<uint8_t>& list, size_t place) {
  const uint8_t taken = list[place];
  std::copy_backward(list.begin(), list.begin() + ptrdiff_t(place), list.begin() + ptrdiff_t(place) + 1);
  list[0] = taken;
  return taken;
}

std::vector<uint8_t> read_bytes_used(BitReader& bits) {
  const uint32_t ranges = bits.read(16);
  std::vector<uint8_t> used;
  for (uint32_t range = 0; range < 16; ++range) {
    if (!(ranges >> (15 - range) & 1)) continue;
    const uint32_t bytes = bits.read(16);
    for (uint32_t i = 0; i < 16; ++i)
      if (bytes >> (15 - i) & 1) used.push_back(uint8_t(16 * range + i));
  }
  require(!used.empty(), "a block that uses no byte");
  return used;
}

std::vector<uint8_t> read_selections(BitReader& bits, uint32_t codes) {
  std::vector<uint8_t> list, selections(bits.read(15));
  for (uint8_t code = 0; code < codes; ++code) list.push_back(code);
  for (uint8_t& selection : selections) selection = take(list, unary(bits, codes - 1));
  return selections;
}

class Code {
 public:
  Code(BitReader& bits, size_t count) {
    std::array<int, kMostSymbols> lengths;
    int length = int(bits.read(5));
    for (size_t symbol = 0; symbol < count; ++symbol) {
      while (require(length >= 1 && length <= kLongest, "a code of no length"), bits.read(1))
        length += bits.read(1) ? -1 : 1;
      lengths[symbol] = length;
    }
    uint32_t next = 0;
    for (length = 1; length <= kLongest; ++length, next <<= 1) {
      offsets_[size_t(length)] = int32_t(symbols_.size()) - int32_t(next);
      for (size_t symbol = 0; symbol < count; ++symbol)
        if (lengths[symbol] == length) symbols_.push_back(uint16_t(symbol)), ++next;
      require(next <= 1u << length, "more codes than bits allow");
      ends_[size_t(length)] = next << (kLongest - length);
    }
  }
  uint16_t read(BitReader& bits) const {
    const uint32_t ahead = bits.peek(kLongest);
    int length = 1;
    while (ahead >= ends_[size_t(length)]) require(++length <= kLongest, "a code that there is not");
    bits.skip(length);
    return symbols_[size_t(int32_t(ahead >> (kLongest - length)) + offsets_[size_t(length)])];
  }

 private:
  std::vector<uint16_t> symbols_;                // in the order of their codes
  std::array<uint32_t, kLongest + 1> ends_{};    // of each length: what is behind its last code
  std::array<int32_t, kLongest + 1> offsets_{};  // of each length: its first symbol less its first code
};

// The last bytes of the sorted rotations.
std::vector<uint8_t> read_last_bytes(BitReader& bits, size_t most) {
  std::vector<uint8_t> list = read_bytes_used(bits);
  const uint16_t end = uint16_t(list.size() + 1);
  const uint32_t count = bits.read(3);
  require(count >= 2 && count <= kMostCodes, "a block without 2 to 6 codes");
  const std::vector<uint8_t> selections = read_selections(bits, count);
  std::vector<Code> codes;
  for (uint32_t i = 0; i < count; ++i) codes.emplace_back(bits, size_t(end) + 1);

  std::vector<uint8_t> bytes;
  size_t run = 0, digit = 1;
  for (const uint8_t selection : selections)
    for (size_t i = 0; i < kGroup; ++i) {
      const uint16_t symbol = codes[selection].read(bits);
      if (symbol < 2) {
        run += digit << symbol;
        digit *= 2;
        require(bytes.size() + run <= most, "a block is too long");
        continue;
      }
      bytes.insert(bytes.end(), run, list[0]);
      run = 0, digit = 1;
      if (symbol == end) return bytes;
      require(bytes.size() < most, "a block is too long");
      bytes.push_back(take(list, symbol - 1u));
    }
  throw std::invalid_argument("a block without an end");
}

// The rotations that follow one another: of each sorted one, where the one that begins a byte later stands.
std::vector<uint32_t> followers(std::span<const uint8_t> last) {
  std::array<uint32_t, 257> starts{};
  for (const uint8_t byte : last) ++starts[size_t(byte) + 1];
  std::partial_sum(starts.begin(), starts.end(), starts.begin());
  std::vector<uint32_t> next(last.size());
  for (uint32_t i = 0; i < last.size(); ++i) next[starts[last[i]]++] = i;
  return next;
}

}  // namespace

Header read_header(BitReader& bits) {
  const uint32_t high = bits.read(24), low = bits.read(24);
  const bool is_block = high == kBlockMagic[0] && low == kBlockMagic[1];
  require(is_block || (high == kEndMagic[0] && low == kEndMagic[1]), "neither a block nor an end");
  return {is_block, bits.read(32)};
}

uint32_t read_block(BitReader& bits, size_t most_bytes, std::vector<uint8_t>& content, size_t most_content) {
  require(bits.read(1) == 0, "a randomised block");
  const uint32_t first = bits.read(24);
  const std::vector<uint8_t> last = read_last_bytes(bits, most_bytes);
  require(first < last.size(), "a block that begins nowhere");
  const std::vector<uint32_t> next = followers(last);
  size_t same = 0;  // bytes that were equal before
  for (uint32_t i = 0, at = next[first]; i < last.size(); ++i, at = next[at]) {
    const uint8_t byte = last[at];
    const bool is_count = same == kRun;
    const size_t bytes = is_count ? byte : 1;
    require(content.size() + bytes <= most_content, "more content than there is room for");
    if (is_count) {
      content.insert(content.end(), bytes, content.back());
      same = 0;
    } else {
      same = same > 0 && content.back() == byte ? same + 1 : 1;
      content.push_back(byte);
    }
  }
  return first;
}

}  // namespace nzip::bzip2
