// An engine as the rest of nzip sees it: plaintext of a block in, coded bytes out, and back.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/segments.hpp"
#include "base/stop.hpp"
#include "experts/byte_expert.hpp"

namespace nzip {

// One run of adaptive tables. Coding a second block with the same object continues them (a solid run). A block has at
// most kMaxBlock bytes; one that would take the run beyond kMaxRun throws std::length_error. Work that is stopped
// throws Stopped; the tables then hold no defined state.
class Engine {
 public:
  virtual ~Engine() = default;
  // Writes at most out.size() bytes; returns the coded length, or out.size() + 1 when it does not fit.
  virtual size_t encode(std::span<const uint8_t> plain, uint32_t lanes, std::span<const Segment> segments,
                        std::span<uint8_t> out, const Stop& stop) = 0;
  // Fills plain; returns false when the coded bytes end long before the plaintext does (a damaged block).
  virtual bool decode(std::span<const uint8_t> coded, uint32_t lanes, std::span<const Segment> segments,
                      std::span<uint8_t> plain, const Stop& stop) = 0;

  // Lets a fresh engine learn a reference, of at least one byte: match models get room for it, and then all is left as
  // coding it in one lane would leave it, without a coded byte. No language model is asked about it.
  virtual void learn(std::span<const uint8_t> reference, std::span<const Segment> segments, const Stop& stop) = 0;

  // What the mixers and maps have learned, for EngineParts::start.
  virtual std::vector<uint8_t> start() = 0;
  // The same without rounding, for training; throws std::invalid_argument when it is of another component set.
  virtual std::vector<int32_t> state() = 0;
  virtual void set_state(std::span<const int32_t> state) = 0;

  // Warms the tables of a fresh engine, whose hash table has the snapshot's size, with a text, and writes what that
  // makes of them: a snapshot. Nothing but that can be made with the engine then.
  virtual void warm(std::span<const uint8_t> prime, uint8_t* snapshot, const Stop& stop) = 0;
  // Takes a part of a snapshot, `at` bytes from its start, into the tables of a fresh engine whose hash table has at
  // least the snapshot's size. Parts begin and end at multiples of 64; the first has EngineEntry::snapshot_head bytes
  // or more. Throws std::invalid_argument when the snapshot is not one of this component set.
  virtual void restore(uint64_t at, std::span<const uint8_t> part) = 0;

  // Plaintext bytes of the current block that are done; may be read from another thread.
  uint64_t done() const { return done_.load(std::memory_order_relaxed); }

 protected:
  std::atomic<uint64_t> done_ = 0;
};

struct ExpertPart {
  ExpertKind kind;
  std::shared_ptr<ByteExpert> expert;
};

struct EngineParts {
  int component_set;                    // one that the engine has
  int table_log2;                       // of the shared hash table's bytes
  std::span<const uint8_t> start = {};  // what Engine::start gave for this set, whatever the experts; or empty
  std::vector<ExpertPart> experts = {};
  uint64_t coded_size = UINT64_MAX;  // of what is decoded at first, if known
};

}  // namespace nzip
