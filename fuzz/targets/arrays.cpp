// Engine 2: any coded bytes fill the plaintext or are refused, and what it codes it restores.
#include "arrays/array.hpp"
#include "arrays/bits.hpp"
#include "arrays/types.hpp"
#include "input.hpp"

namespace nzip::fuzz {
namespace {

// `earlier`, of as many bytes, is what is in the place of some.
std::vector<arrays::Array> arrays_of(Input& input, std::span<const uint8_t> earlier) {
  std::vector<arrays::Array> list;
  size_t size = earlier.size();
  while (size > 0) {
    uint32_t parameter = uint32_t(input.below(80)) | (input.byte() % 4 ? 0 : arrays::kBigEndian);
    if (parameter % 16 == 15) parameter = arrays::kRecord | uint32_t(input.below(1 << 16));
    if (!arrays::find_type(parameter)) parameter = arrays::kBytes;
    const size_t length = list.size() == 8 ? size : std::min<size_t>(size, 1 + input.below(1 << 16));
    const auto before = earlier.subspan(earlier.size() - size, length);
    list.push_back({parameter, length, parameter % 2 ? before : std::span<const uint8_t>()});
    size -= length;
  }
  return list;
}

}  // namespace

void run(Input input) {
  const bool codes = input.byte() % 2;
  if (!codes) {
    std::vector<uint8_t> plain(1 + input.below(1 << 16));
    const std::vector<uint8_t> earlier(plain.size(), 0x3F);
    const auto list = arrays_of(input, earlier);
    try {
      arrays::decode(input.rest(), list, plain, kNever);
    } catch (const arrays::Damaged&) {
    }
    return;
  }
  const size_t size = 1 + input.below(1 << 16);
  std::vector<uint8_t> earlier(size);
  const auto list = arrays_of(input, earlier);
  const std::vector<uint8_t> plain = repeated(input.rest(), size);
  for (size_t i = 0; i < size; ++i) earlier[i] = uint8_t(plain[i] + i % 3);
  const std::vector<uint8_t> coded = arrays::encode(plain, list, kNever);
  std::vector<uint8_t> restored(size);
  arrays::decode(coded, list, restored, kNever);
  require(restored == plain);
}

}  // namespace nzip::fuzz
