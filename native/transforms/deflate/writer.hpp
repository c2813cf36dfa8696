// Writes the blocks of a deflate stream.
#pragma once

#include <span>

#include "base/stop.hpp"
#include "transforms/deflate/bits.hpp"
#include "transforms/deflate/block.hpp"

namespace nzip::deflate {

// `content` begins with the block's bytes. False where its codes cannot write it.
bool write_block(const Block& block, std::span<const uint8_t> content, BitWriter& out, const Stop& stop);

}  // namespace nzip::deflate
