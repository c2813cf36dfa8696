// Whatever content and residue there are, they are refused or make a stream; and any stream is left alone, or opened
// and closed again.
#include "detect/deflate_streams.hpp"
#include "input.hpp"
#include "transforms/deflate/stream.hpp"

namespace nzip::fuzz {
namespace {

void open(Bytes packed, size_t most) {
  const auto opened = deflate::open(packed, most, kNever);
  if (!opened) return;
  require(opened->packed <= packed.size() && opened->content.size() <= most);
  const auto closed = deflate::close(opened->content, opened->residue, kNever);
  require(closed && same(*closed, packed.first(opened->packed)));
}

// Of few letters, with repetitions.
std::vector<uint8_t> content(Input& input) {
  std::vector<uint8_t> content;
  const size_t letters = 1 + input.below(256);
  for (size_t left = input.below(60); left > 0 && !input.ended(); --left) {
    const size_t size = input.below(200), distance = 1 + input.below(content.size());
    const bool is_new = input.byte() % 3 == 0;
    for (size_t i = 0; i < size; ++i)
      content.push_back(content.size() < distance || is_new ? uint8_t(input.below(letters))
                                                            : content[content.size() - distance]);
  }
  return content;
}

// Parameters of a known encoder or any, and corrections.
std::vector<uint8_t> residue(Input& input) {
  std::vector<uint8_t> residue{uint8_t(input.below(20))};
  if (residue[0] == 0) {
    for (const size_t most : {7, 3, 4, 11, 2}) residue.push_back(uint8_t(input.below(most)));
    residue[4] += 7;
    for (int i = 0; i < 8; ++i)
      residue.insert(residue.end(), {input.byte(), uint8_t(input.below(3) ? 0 : input.byte())});
    if (input.below(2)) residue[14] = residue[15] = 0;  // the shortest match, by literals
  }
  residue.resize(residue.size() + input.below(6));  // zeros: all is as expected
  for (size_t left = input.below(40); left > 0; --left) residue.push_back(input.below(3) ? 0 : input.byte());
  return residue;
}

void close(Bytes content, Bytes residue, Input& input) {
  const auto closed = deflate::close(content, residue, kNever);
  if (!closed) return;
  std::vector<uint8_t> packed = *closed;
  open(packed, SIZE_MAX / 4);
  open(packed, input.below(1000));
  open(Bytes(packed).first(input.below(packed.size() + 1)), SIZE_MAX / 4);
  for (size_t left = 1 + input.below(4); left > 0 && !packed.empty(); --left)
    packed[input.below(packed.size())] = input.byte();
  open(packed, 1 << 16);
  packed.insert(packed.begin(), {0x78, 0x9c});
  find_deflate_streams(packed, kNever);
}

}  // namespace

void run(Input input) {
  switch (input.byte() % 4) {
    case 0:
      return open(input.rest(), 1 << 20);
    case 1: {
      const Bytes text = input.part(), rest = input.rest();
      Input nothing{Bytes()};
      return close(text, rest, nothing);
    }
    case 2:
      find_deflate_streams(input.rest(), kNever);
      return;
    default: {
      const auto drawn = content(input), corrections = residue(input);
      return close(drawn, corrections, input);
    }
  }
}

}  // namespace nzip::fuzz
