// JPEG files, and what they are opened to: refused, or restored.
#include "transforms/jpeg/jpeg.hpp"

#include <stdexcept>

#include "input.hpp"

namespace nzip::fuzz {

void run(Input input) {
  if (input.byte() % 2) {
    const Bytes header = input.part();
    try {
      jpeg::close(header, input.rest(), kNever);
    } catch (const std::invalid_argument&) {
    }
    return;
  }
  const Bytes data = input.rest();
  for (const size_t at : jpeg::find(data, kNever)) {
    require(at < data.size());
    const Bytes file = data.subspan(at);
    const auto opened = jpeg::open(file, kNever);
    if (!opened) continue;
    require(opened->size <= file.size());
    require(same(jpeg::close(opened->header, opened->coded, kNever), file.first(opened->size)));
  }
}

}  // namespace nzip::fuzz
