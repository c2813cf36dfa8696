// The container's limits, as nzip/format/limits.py has them.
#pragma once

#include <cstdint>

namespace nzip {

constexpr uint64_t kMaxBlock = uint64_t(1) << 30;  // bytes of plaintext in a block
constexpr uint64_t kMaxRun = uint64_t(1) << 31;    // bytes that an engine codes in a solid run
constexpr uint32_t kMaxLanes = 1024;
constexpr int kMinTableLog2 = 16, kMaxTableLog2 = 34;

}  // namespace nzip
