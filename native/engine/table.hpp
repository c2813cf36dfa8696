// The engines that there are, by the numbers that files carry, and what is to be known of each without making one.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "engine/engine.hpp"

namespace nzip {

// A revision of an engine: once released, it never changes, and a change of a coded byte makes another one.
struct EngineEntry {
  uint32_t id, revision;
  std::span<const int> component_sets;
  std::span<const uint32_t> segment_kinds;     // that it codes: SegmentKind
  std::span<const uint32_t> instruction_sets;  // of executable segments: InstructionSet
  int snapshot_log2;       // of the hash table that a prime warms; an engine that starts from it has one as large
  uint64_t snapshot_head;  // more bytes than stand before the hash table in a snapshot

  // What may predict beside the contexts of a component set, each at most once and in this order; a reference is
  // learned before the first block.
  std::span<const ExpertKind> (*expert_kinds)(int component_set);
  // Upper bound of an engine's heap memory in bytes, without experts, after it learned a reference of `reference` bytes
  // (0: none) and run_size bytes of plaintext have gone through it.
  uint64_t (*memory)(int component_set, int table_log2, uint64_t run_size, uint32_t lanes, uint64_t reference);
  // Bytes of a snapshot of a component set's warmed tables.
  uint64_t (*snapshot_size)(int component_set);
  // Throws std::bad_alloc, or std::invalid_argument when the start or the experts are not for this engine.
  std::unique_ptr<Engine> (*make)(const EngineParts& parts);
};

// In native/engines.cpp. An entry is never withdrawn.
std::span<const EngineEntry* const> engines();

// Null where there is no such engine.
const EngineEntry* find_engine(uint32_t id, uint32_t revision);

}  // namespace nzip
