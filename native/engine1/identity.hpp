// What this engine is called in files, and the size of the table that a prime warms.
#pragma once

#include <cstdint>

namespace nzip::engine1 {

constexpr uint32_t kId = 1;        // context mixing
constexpr uint32_t kRevision = 1;  // bumped with every change of a coded byte once a revision is frozen

constexpr int kSnapshotLog2 = 26;
constexpr uint64_t kSnapshotHead = uint64_t(1) << 20;  // more than stands before the hash table

}  // namespace nzip::engine1
