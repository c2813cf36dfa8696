// What looks at plaintext: its answers cover the block.
#include "detect/detect.hpp"

#include "detect/arrays.hpp"
#include "detect/similarity.hpp"
#include "detect/utf16.hpp"
#include "input.hpp"

namespace nzip::fuzz {
namespace {

// Windows are larger than what a fuzzer writes.
std::vector<uint8_t> block(Input& input) {
  const size_t size = input.byte() % 4 ? input.left() : input.below(1 << 17);
  return repeated(input.rest(), size);
}

size_t covered(const std::vector<Segment>& segments) {
  size_t size = 0;
  for (const Segment& segment : segments) {
    require(segment.length > 0);
    size += segment.length;
  }
  return size;
}

}  // namespace

void run(Input input) {
  const uint8_t what = input.byte() % 4;
  const std::vector<uint8_t> plain = block(input);
  if (what == 0) {
    require(covered(detect(plain, kNever)) == plain.size());
  } else if (what == 1) {
    const auto found = find_arrays(plain, kNever);
    require(found.empty() || covered(found) == plain.size());
  } else if (what == 2) {
    size_t size = 0;
    for (const TextPiece& piece : find_utf16(plain, kNever)) size += piece.size;
    require(size == plain.size());
  } else {
    const Sketch sketches[] = {sketch_of(plain), sketch_of(Bytes(plain).subspan(plain.size() / 2))};
    require(chain(sketches).size() == 2);
  }
}

}  // namespace nzip::fuzz
