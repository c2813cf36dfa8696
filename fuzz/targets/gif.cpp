// The data of GIF pictures, and what they are opened to: refused, or restored.
#include "transforms/gif.hpp"

#include <stdexcept>

#include "input.hpp"

namespace nzip::fuzz {
namespace {

void open(Bytes data) {
  constexpr size_t kMost = 1 << 20;
  const auto opened = gif::open(data, kMost, kNever);
  if (!opened) return;
  require(opened->size <= data.size() && opened->pixels.size() <= kMost);
  require(same(gif::close(opened->pixels, opened->residue, kNever), data.first(opened->size)));
}

}  // namespace

void run(Input input) {
  if (input.byte() % 2 == 0) return open(input.rest());
  const Bytes pixels = input.part();
  try {
    open(gif::close(pixels, input.rest(), kNever));
  } catch (const std::invalid_argument&) {
  }
}

}  // namespace nzip::fuzz
