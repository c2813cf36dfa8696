// A deflate stream as its content and a residue: what an encoder's prediction from the content has wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/stop.hpp"

namespace nzip::deflate {

struct Opened {
  size_t packed;  // bytes from the stream's start that this stands for
  std::vector<uint8_t> content, residue;
};

// The stream that begins there, with the checksum behind it if that is one. As far as its blocks hold no more than
// max_content bytes; nothing where there is no stream, or it would take too much to write it again.
std::optional<Opened> open(std::span<const uint8_t> packed, size_t max_content, const Stop& stop);

// The stream's bytes; nothing where content and residue are of none.
std::optional<std::vector<uint8_t>> close(std::span<const uint8_t> content, std::span<const uint8_t> residue,
                                          const Stop& stop);

}  // namespace nzip::deflate
