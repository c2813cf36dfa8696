// Rows of PNG pictures, and stretches that repeat.
#include "detect/repeats.hpp"
#include "input.hpp"
#include "transforms/png_rows.hpp"
#include "transforms/repeats.hpp"

namespace nzip::fuzz {
namespace {

void pictures(Input input) {
  const size_t row = 1 + input.below(20), pixel = input.below(9);
  const Bytes filters = input.part(), rows = input.rest();
  if (const auto found = unfilter_png(rows, row, pixel, kNever); found && !rows.empty())
    require(filter_png(found->filters, found->pixels, pixel, kNever) == std::vector<uint8_t>(rows.begin(), rows.end()));
  const auto filtered = filter_png(filters, rows, pixel, kNever);
  if (!filtered) return;
  const auto found = unfilter_png(*filtered, rows.size() / filters.size(), pixel, kNever);
  require(found && same(found->filters, filters) && same(found->pixels, rows));
}

void repeats(Input input) {
  std::vector<Repeat> repeats;
  for (size_t left = input.below(8); left > 0; --left)
    repeats.push_back({input.below(1 << 16), input.below(1 << 16), input.number(input.byte() % 9)});
  std::vector<uint8_t> plain(input.below(1 << 16));
  restore_repeats(input.rest(), repeats, plain, kNever);
}

// What is found can be taken out and put back.
void finding(Input input) {
  std::vector<uint8_t> plain;
  while (!input.ended() && plain.size() < 1 << 20) {
    const Bytes piece = input.take(1 + input.below(64));
    const size_t times = input.byte() % 4 ? 1 : 1 + input.below(1 << 16);
    for (size_t i = 0; i < times && plain.size() < 1 << 20; ++i) plain.insert(plain.end(), piece.begin(), piece.end());
  }
  std::vector<uint8_t> rest, restored(plain.size());
  size_t at = 0;
  const auto found = find_repeats(plain, kNever);
  for (const auto& [gap, size, period] : found) {
    require(gap <= plain.size() - at && size <= plain.size() - at - gap);
    rest.insert(rest.end(), plain.begin() + ptrdiff_t(at), plain.begin() + ptrdiff_t(at + gap));
    at += gap + size;
  }
  rest.insert(rest.end(), plain.begin() + ptrdiff_t(at), plain.end());
  require(restore_repeats(rest, found, restored, kNever) && restored == plain);
}

}  // namespace

void run(Input input) {
  switch (input.byte() % 3) {
    case 0:
      return pictures(input);
    case 1:
      return repeats(input);
    default:
      return finding(input);
  }
}

}  // namespace nzip::fuzz
