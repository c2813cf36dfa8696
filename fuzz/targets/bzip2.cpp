// bzip2 streams, and what they are opened to: refused, or restored.
#include "transforms/bzip2/bzip2.hpp"

#include <stdexcept>

#include "input.hpp"

namespace nzip::fuzz {
namespace {

void open(Bytes data) {
  constexpr size_t kMost = 1 << 20;
  const auto opened = bzip2::open(data, kMost, kNever);
  if (!opened) return;
  require(opened->size <= data.size() && opened->content.size() <= kMost);
  require(same(bzip2::close(opened->content, opened->residue, kNever), data.first(opened->size)));
}

}  // namespace

void run(Input input) {
  if (input.byte() % 2 == 0) return open(input.rest());
  const Bytes content = input.part();
  try {
    open(bzip2::close(content, input.rest(), kNever));
  } catch (const std::invalid_argument&) {
  }
}

}  // namespace nzip::fuzz
