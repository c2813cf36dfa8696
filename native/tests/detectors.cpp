// Detectors join by a function and a place in the list:
//   nzip_detectors
#include <algorithm>
#include <string>
#include <vector>

#include "detect/detect.hpp"
#include "detect/executable.hpp"
#include "detect/packed.hpp"
#include "tests/check.hpp"

namespace nzip {
namespace {

std::vector<Found> find_nothing(std::span<const uint8_t>, const Stop&) { return {}; }

// Ten bytes behind a mark are records.
std::vector<Found> find_marked(std::span<const uint8_t> plain, const Stop&) {
  const auto at = size_t(std::ranges::find(plain, '#') - plain.begin());
  if (at + 11 > plain.size()) return {};
  return {{at + 1, at + 11, kRecords, 5}};
}

bool same(const std::vector<Segment>& a, const std::vector<Segment>& b) {
  return std::ranges::equal(a, b, [](const Segment& x, const Segment& y) {
    return x.kind == y.kind && x.param == y.param && x.length == y.length;
  });
}

void test_detectors() {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "some text and number " + std::to_string(i * i) + " of it. ";
  text.insert(5000, "#0123456789");
  uint64_t noise = 1;
  for (int i = 0; i < 1 << 17; ++i) text += char((noise = noise * 6364136223846793005u + 1442695040888963407u) >> 56);
  const std::span plain(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  const auto all = detect(plain, {});
  check(all.size() > 1 && std::ranges::any_of(all, [](const Segment& s) { return s.kind == kPacked; }));

  const Detector with_nothing[] = {find_packed, find_nothing, find_code};
  check(same(detect(plain, with_nothing, {}), all));
  const Detector with_marks[] = {find_packed, find_code, find_marked};
  const auto marked = detect(plain, with_marks, {});
  check(marked.size() >= 4 && marked[0].length == 5001 && marked[1].kind == kRecords && marked[1].length == 10);
  check(detect({}, with_marks, {}).empty());
}

}  // namespace
}  // namespace nzip

int main() {
  nzip::test_detectors();
  return finished();
}
