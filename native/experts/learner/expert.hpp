// The network that learns while it predicts, as an expert: a learner for each lane of a block.
#pragma once

#include <cstdint>
#include <memory>

#include "experts/byte_expert.hpp"

namespace nzip {

// An expert that stands behind a network, whose predictions it learns to correct, or by itself.
std::shared_ptr<ByteExpert> make_learner_expert();

uint64_t learner_memory(uint32_t lanes);  // bytes

}  // namespace nzip
