// Where deflate streams may begin inside data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/stop.hpp"

namespace nzip {

// Behind the headers of zlib streams, of gzip members and of ZIP members, in order; the first tokens are right.
std::vector<size_t> find_deflate_streams(std::span<const uint8_t> plain, const Stop& stop);

}  // namespace nzip
