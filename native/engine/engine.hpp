// The context-mixing engine as the rest of nzip sees it: plaintext of a block in, coded bytes out, and back.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/segments.hpp"
#include "base/stop.hpp"
#include "experts/network/network.hpp"

namespace nzip {

class ByteExpert;
class Exchange;

constexpr int kEngineId = 1;        // 1: n-gram context mixing
constexpr int kEngineRevision = 1;  // bumped with every change of a coded byte once a revision is frozen

constexpr uint64_t kMaxRun = uint64_t(1) << 31;  // bytes of plaintext
constexpr int kMinTableLog2 = 16, kMaxTableLog2 = 34;
constexpr int kSnapshotLog2 = 26;  // of the table that a prime warms; an engine that starts from it has one as large

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
  // coding it in one lane would leave it, without a coded byte.
  virtual void learn(std::span<const uint8_t> reference, std::span<const Segment> segments, const Stop& stop) = 0;

  // What the mixers and maps have learned, for EngineParts::start.
  virtual std::vector<uint8_t> start() = 0;

  // Warms the tables of a fresh engine, whose hash table has the snapshot's size, with a text, and writes what that
  // makes of them: snapshot_size() bytes. Nothing but a snapshot can be made with the engine then.
  virtual void warm(std::span<const uint8_t> prime, uint8_t* snapshot, const Stop& stop) = 0;
  // Takes a part of a snapshot, `at` bytes from its start, into the tables of a fresh engine whose hash table has at
  // least the snapshot's size. Parts begin and end at multiples of 64; the first has kSnapshotHead bytes or more.
  // Throws std::invalid_argument when the snapshot is not one of this profile.
  virtual void restore(uint64_t at, std::span<const uint8_t> part) = 0;

  // Plaintext bytes of the current block that are done; may be read from another thread.
  uint64_t done() const { return done_.load(std::memory_order_relaxed); }

 protected:
  std::atomic<uint64_t> done_ = 0;
};

bool profile_exists(int profile);

struct EngineParts {
  int profile;                                       // must exist
  int table_log2;                                    // of the shared hash table's bytes
  std::shared_ptr<const Network> network = nullptr;  // null: n-grams alone
  std::span<const uint8_t> start = {};  // what Engine::start gave for this profile, with or without a network; or empty
  std::shared_ptr<ByteExpert> expert = nullptr;  // predicts, too: beside a network, with the profile of most components
  std::shared_ptr<Exchange> exchange = nullptr;  // where the network is evaluated; null: in the engine,
  uint32_t helpers = 0;                          // for what is known by so many threads beside the one that codes
  uint64_t coded_size = UINT64_MAX;              // of what is decoded at first, if known
};

// Throws std::bad_alloc, or std::invalid_argument when the start is not one of this engine.
std::unique_ptr<Engine> make_engine(const EngineParts& parts);

// Bytes of a snapshot of a profile's warmed tables.
uint64_t snapshot_size(int profile);
constexpr uint64_t kSnapshotHead = uint64_t(1) << 20;  // more than stands before the hash table

// Upper bound of an engine's heap memory in bytes after it learned a reference of so many bytes, 0 for none, and
// run_bytes of plaintext have gone through it.
uint64_t engine_memory(int profile, int table_log2, uint64_t reference, uint64_t run_bytes, uint32_t lanes);

}  // namespace nzip
