// JPEG files without their Huffman codes: headers as they are, and coefficients coded by a model of their own. What the
// coded bytes mean is specified in docs/format/jpeg.md and never changes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/stop.hpp"

namespace nzip::jpeg {

struct Opened {
  size_t size;                  // bytes of the file
  std::vector<uint8_t> header;  // all that is not entropy-coded
  std::vector<uint8_t> coded;   // the rest
};

// Where files may begin, ascending. Of those that end at one place it is the first, and not many that lie in one
// another.
std::vector<size_t> find(std::span<const uint8_t> data, const Stop& stop);

// The JPEG file at the start of `data`; nothing: there is none that can be put back.
std::optional<Opened> open(std::span<const uint8_t> data, const Stop& stop);

// The file. Throws std::invalid_argument where these are not what open() makes; takes memory in proportion to them.
std::vector<uint8_t> close(std::span<const uint8_t> header, std::span<const uint8_t> coded, const Stop& stop);

}  // namespace nzip::jpeg
