// Tests of deflate streams without any encoder: whatever content and residue are drawn, they are refused or make a
// stream, and that, whole, cut or damaged, is left alone or opened and closed again.
//   nzip_deflate [ROUNDS [SEED]]
#include <algorithm>
#include <cstdlib>
#include <random>
#include <vector>

#include "detect/deflate_streams.hpp"
#include "tests/check.hpp"
#include "transforms/deflate/stream.hpp"
#include "transforms/png_rows.hpp"

namespace nzip {
namespace {

using Bytes = std::vector<uint8_t>;

class Draw {
 public:
  explicit Draw(uint32_t seed) : random_(seed) {}

  size_t below(size_t most) { return most == 0 ? 0 : random_() % most; }
  uint8_t byte() { return uint8_t(random_()); }

  // Of few letters, with repetitions.
  Bytes content() {
    Bytes content;
    const size_t letters = 1 + below(256);
    for (size_t left = below(60); left > 0; --left) {
      const size_t size = below(200), distance = 1 + below(content.size());
      for (size_t i = 0; i < size; ++i)
        content.push_back(content.size() < distance || left % 3 == 0 ? uint8_t(below(letters))
                                                                     : content[content.size() - distance]);
    }
    return content;
  }

  // Parameters of a known encoder or any, and corrections.
  Bytes residue() {
    Bytes residue{uint8_t(below(20))};
    if (residue[0] == 0) {
      residue.insert(residue.end(), {uint8_t(below(7)), uint8_t(below(3)), uint8_t(below(4)), uint8_t(7 + below(11)),
                                     uint8_t(below(2))});
      for (int i = 0; i < 8; ++i) residue.insert(residue.end(), {byte(), uint8_t(below(3) == 0 ? byte() : 0)});
      if (below(2)) residue[14] = residue[15] = 0;  // the shortest match, by literals
    }
    residue.resize(residue.size() + below(6));  // zeros: all is as expected
    for (size_t left = below(40); left > 0; --left) residue.push_back(below(3) ? 0 : byte());
    return residue;
  }

 private:
  std::mt19937 random_;
};

const Stop kNever;

bool opens(const Bytes& packed, size_t most) {
  const auto opened = deflate::open(packed, most, kNever);
  if (!opened) return false;
  check(opened->packed <= packed.size() && opened->content.size() <= most);
  const auto closed = deflate::close(opened->content, opened->residue, kNever);
  check(closed && closed->size() == opened->packed && std::equal(closed->begin(), closed->end(), packed.begin()));
  return true;
}

size_t test_streams(Draw& draw) {
  const auto closed = deflate::close(draw.content(), draw.residue(), kNever);
  if (!closed) return 0;
  Bytes packed = *closed;
  size_t opened = opens(packed, SIZE_MAX / 4);
  opens(packed, draw.below(1000));
  opens(Bytes(packed.begin(), packed.begin() + ptrdiff_t(draw.below(packed.size()))), SIZE_MAX / 4);
  for (size_t left = 1 + draw.below(4); left > 0 && !packed.empty(); --left)
    packed[draw.below(packed.size())] = draw.byte();
  opens(packed, 1 << 16);
  packed.insert(packed.begin(), {0x78, 0x9c});
  find_deflate_streams(packed, kNever);
  return opened;
}

void test_pictures(Draw& draw) {
  const Bytes rows = draw.content();
  const size_t row = 1 + draw.below(20), pixel = draw.below(9);
  if (const auto found = unfilter_png(rows, row, pixel, kNever); found && !rows.empty())
    check(filter_png(found->filters, found->pixels, pixel, kNever) == rows);
  Bytes filters = draw.content();
  for (uint8_t& filter : filters) filter %= 6;
  if (const auto filtered = filter_png(filters, rows, pixel, kNever)) {
    const auto found = unfilter_png(*filtered, rows.size() / filters.size(), pixel, kNever);
    check(found && found->filters == filters && found->pixels == rows);
  }
}

void test(size_t rounds, uint32_t seed) {
  Draw draw(seed);
  size_t opened = 0;
  for (size_t round = 0; round < rounds; ++round) {
    opened += test_streams(draw);
    test_pictures(draw);
  }
  check(opened * 20 > rounds);
}

}  // namespace
}  // namespace nzip

int main(int count, char** arguments) {
  const auto number = [&](int at, unsigned long other) {
    return count > at ? std::strtoul(arguments[at], nullptr, 10) : other;
  };
  nzip::test(number(1, 400), uint32_t(number(2, 1)));
  return finished();
}
