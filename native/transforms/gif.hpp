// The data of a GIF picture: LZW codes in blocks, as GIF89a (CompuServe, 1990) has them, and the pixels that they mean.
// An encoder that always takes the longest string makes the codes again; where it cleared its table is kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/stop.hpp"

namespace nzip::gif {

struct Opened {
  size_t size;                  // bytes of the data, from the least size of a code to the last, empty block
  std::vector<uint8_t> pixels;  // a byte each
  std::vector<uint8_t> residue;
};

// The data at the start of `data`. Nothing where there are none, none of such an encoder, or more than `most` pixels.
std::optional<Opened> open(std::span<const uint8_t> data, size_t most, const Stop& stop);

// The data. Throws std::invalid_argument where these are not what open() makes.
std::vector<uint8_t> close(std::span<const uint8_t> pixels, std::span<const uint8_t> residue, const Stop& stop);

}  // namespace nzip::gif
