#include "transforms/bzip2/bzip2.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "transforms/bzip2/block.hpp"
#include "transforms/bzip2/decoder.hpp"
#include "transforms/bzip2/encoder.hpp"

namespace nzip::bzip2 {
namespace {

using Bytes = std::span<const uint8_t>;

constexpr int kSignatureBits = 32;
constexpr uint8_t kIsWhole = 16;  // a stream with its end, in the byte of its level

int level_of(Bytes data) {
  if (data.size() < 4 || data[0] != 'B' || data[1] != 'Z' || data[2] != 'h' || data[3] < '1' || data[3] > '9') return 0;
  return data[3] - '0';
}

// The number below 2^24 at the start of `from`, low 7 bits first; takes it.
uint32_t take_varint(Bytes& from) {
  uint32_t number = 0;
  for (int shift = 0; shift < 28; shift += 7) {
    if (from.empty()) break;
    const uint8_t byte = from[0];
    from = from.subspan(1);
    number |= uint32_t(byte & 127) << shift;
    if (byte < 128) return number;
  }
  throw std::invalid_argument("a number that is not whole");
}
void append_varint(std::vector<uint8_t>& to, uint32_t number) {
  for (; number >= 128; number >>= 7) to.push_back(uint8_t(number | 128));
  to.push_back(uint8_t(number));
}

}  // namespace

std::optional<Opened> open(Bytes data, size_t most, const Stop& stop) {
  const int level = level_of(data);
  if (!level) return std::nullopt;
  Opened opened{0, {}, {uint8_t(level)}};
  std::vector<uint8_t> again;
  Encoder encoder(again, level);
  BitReader bits(data);
  bits.skip(kSignatureBits);
  size_t compared = 0;
  const auto is_same = [&] {
    if (again.size() > data.size()) return false;
    const size_t from = std::exchange(compared, again.size());
    return std::equal(again.begin() + ptrdiff_t(from), again.end(), data.begin() + ptrdiff_t(from));
  };
  size_t content = 0, residue = 1;  // bytes of both that hold
  try {
    while (read_header(bits).is_block) {
      stop.check();
      const uint32_t named = read_block(bits, kBytesPerLevel * size_t(level), opened.content, most);
      const Bytes block = Bytes(opened.content).subspan(content);
      const auto choose = [&](uint32_t first, uint32_t) {
        append_varint(opened.residue, named - first);
        return named;
      };
      if (block.empty() || encoder.write_block(block, choose) != block.size() || !is_same()) break;
      opened.size = again.size();
      content = opened.content.size(), residue = opened.residue.size();
    }
    if (content == opened.content.size() && content > 0) {
      encoder.end();
      if (is_same()) opened.size = again.size(), opened.residue[0] |= kIsWhole;
    }
  } catch (const std::invalid_argument&) {  // what was read before holds
  }
  if (!content) return std::nullopt;
  opened.content.resize(content);
  opened.residue.resize(residue);
  return opened;
}

std::vector<uint8_t> close(Bytes content, Bytes residue, const Stop& stop) {
  if (residue.empty() || content.empty()) throw std::invalid_argument("a bzip2 stream without its level or content");
  const int level = residue[0] & ~kIsWhole;
  const bool is_whole = residue[0] & kIsWhole;
  if (level < 1 || level > 9) throw std::invalid_argument("a level that bzip2 does not have");
  residue = residue.subspan(1);
  std::vector<uint8_t> stream;
  stream.reserve(content.size() + content.size() / 32 + kBytesPerLevel / 64);  // more than noise takes
  Encoder encoder(stream, level);
  const auto choose = [&](uint32_t first, uint32_t equal) {
    const uint32_t which = take_varint(residue);
    if (which >= equal) throw std::invalid_argument("a rotation that is another one");
    return first + which;
  };
  while (!content.empty()) {
    stop.check();
    content = content.subspan(encoder.write_block(content, choose));
  }
  if (!residue.empty()) throw std::invalid_argument("more than a bzip2 stream needs");
  if (is_whole) encoder.end();
  return stream;
}

}  // namespace nzip::bzip2
