// Tests of engine 2 for sanitizers and other compilers: it gives the bytes that it gave, and hostile ones harm nothing.
//   nzip_arrays
#include <string_view>
#include <vector>

#include "arrays/array.hpp"
#include "arrays/types.hpp"
#include "tests/check.hpp"

namespace nzip::arrays {
namespace {

// Reproducible on every machine.
class Source {
 public:
  uint32_t next() {
    state_ ^= state_ << 13, state_ ^= state_ >> 17, state_ ^= state_ << 5;
    return state_;
  }
  uint32_t below(uint32_t bound) { return next() % bound; }

 private:
  uint32_t state_ = 2463534242;
};

constexpr uint32_t kParameters[] = {0,
                                    1,
                                    2,
                                    3,
                                    4,
                                    5,
                                    6,
                                    7,
                                    1 | kBigEndian,
                                    2 | kBigEndian,
                                    3 | kBigEndian,
                                    34,
                                    35,
                                    38,
                                    39,
                                    40,
                                    42,
                                    43,
                                    44,
                                    45,
                                    46,
                                    5 | kBigEndian,
                                    6 | kBigEndian,
                                    7 | kBigEndian,
                                    kRecord | 0x2F3,
                                    kRecord | 0x24716453};

std::vector<uint8_t> numbers(Source& source, size_t size) {
  std::vector<uint8_t> out(size);
  const uint32_t kind = source.below(4);
  for (size_t i = 0; i < size; ++i)
    out[i] = uint8_t(kind == 0   ? source.next() >> 8
                     : kind == 1 ? source.below(16) * source.below(16)
                     : kind == 2 ? i / 4 * 3 >> 8 * (i % 4)
                                 : (i % 4 == 3 ? 60 + source.below(6) : source.next() >> 9));
  return out;
}

// What may have been before: some bytes are others.
std::vector<uint8_t> nearly(Source& source, std::vector<uint8_t> bytes) {
  for (size_t i = 0; i < bytes.size(); i += 1 + source.below(16)) bytes[i] = uint8_t(bytes[i] ^ source.below(8));
  return bytes;
}

uint64_t digest(uint64_t hash, const std::vector<uint8_t>& bytes) {  // FNV-1a
  for (const uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001B3;
  return hash;
}

void test_all_types() {
  Source source;
  const Stop stop;
  uint64_t hash = 0xCBF29CE484222325;
  for (int round = 0; round < 4; ++round) {
    for (const uint32_t parameter : kParameters) {
      const std::vector<uint8_t> plain = numbers(source, 1 + source.below(20000));
      const std::vector<uint8_t> earlier = nearly(source, plain);
      const Array arrays[] = {{parameter, plain.size(), round % 2 ? std::span(earlier) : std::span<const uint8_t>()}};
      const std::vector<uint8_t> coded = encode(plain, arrays, stop);
      hash = digest(hash, coded);
      std::vector<uint8_t> restored(plain.size());
      decode(coded, arrays, restored, stop);
      check(restored == plain);
      for (int i = 0; i < 20; ++i) {
        std::vector<uint8_t> hostile = coded;
        for (uint32_t n = 0; n <= source.below(4); ++n)
          hostile[source.below(uint32_t(hostile.size()))] = uint8_t(source.next() >> 8);
        if (source.below(4) == 0) hostile.resize(source.below(uint32_t(hostile.size())));
        try {
          decode(hostile, arrays, restored, stop);
        } catch (const Damaged&) {
        }
      }
    }
  }
  check(hash == 0xab86f4d51f19309c);
}

}  // namespace
}  // namespace nzip::arrays

int main() {
  nzip::arrays::test_all_types();
  return finished();
}
