// Engine 2: any coded bytes fill the plaintext or are refused, and what it codes it restores.
#include "arrays/array.hpp"
#include "arrays/bits.hpp"
#include "arrays/types.hpp"
#include "input.hpp"

namespace nzip::fuzz {
namespace {

std::vector<Segment> segments(Input& input, size_t size) {
  std::vector<Segment> segments;
  while (size > 0) {
    uint32_t parameter = uint32_t(input.below(80)) | (input.byte() % 4 ? 0 : arrays::kBigEndian);
    if (!arrays::find_type(parameter)) parameter = arrays::kBytes;
    const size_t length = segments.size() == 8 ? size : std::min<size_t>(size, 1 + input.below(1 << 16));
    segments.push_back({kArray, parameter, length});
    size -= length;
  }
  return segments;
}

}  // namespace

void run(Input input) {
  const bool codes = input.byte() % 2;
  if (!codes) {
    std::vector<uint8_t> plain(1 + input.below(1 << 16));
    const auto list = segments(input, plain.size());
    try {
      arrays::decode(input.rest(), list, plain, kNever);
    } catch (const arrays::Damaged&) {
    }
    return;
  }
  const size_t size = 1 + input.below(1 << 16);
  const auto list = segments(input, size);
  const std::vector<uint8_t> plain = repeated(input.rest(), size);
  const std::vector<uint8_t> coded = arrays::encode(plain, list, kNever);
  std::vector<uint8_t> restored(size);
  arrays::decode(coded, list, restored, kNever);
  require(restored == plain);
}

}  // namespace nzip::fuzz
