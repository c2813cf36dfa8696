// The context-mixing engine as the rest of nzip sees it: plaintext of a block in, coded bytes out, and back.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "cm/stop.hpp"
#include "net/network.hpp"

namespace nzip {

class ByteExpert;
class Exchange;

constexpr int kEngineId = 1;        // 1: n-gram context mixing
constexpr int kEngineRevision = 1;  // bumped with every change of a coded byte once a revision is frozen

// A run of bytes of one kind inside a block; the lengths of a block's segments sum to its plaintext length.
struct Segment {
  uint32_t kind;    // SegmentKind
  uint32_t param;   // records, bilevel: the record or row length in bytes; samples: their layout; executable: the
                    // instruction set; otherwise 0
  uint64_t length;  // bytes
};

enum SegmentKind : uint32_t {
  kText = 0,
  kBinary = 1,
  kRecords = 2,
  kBilevel = 3,
  kExecutable = 4,  // machine code
  kSamples = 5,     // arrays of numbers: sound, images, measurements
  kPacked = 6,      // compressed or random: coded as they are, unseen by what predicts
  kSegmentKinds = 7
};

constexpr uint32_t kModelledKinds = kPacked;  // the kinds that are predicted come first

// The parameter of an executable segment.
enum InstructionSet : uint32_t { kX86 = 1, kX64 = 2, kArm64 = 3, kSparc = 4, kWasm = 5 };

constexpr uint32_t kMaxLanes = 1024;
constexpr uint64_t kMaxBlock = uint64_t(1) << 30, kMaxRun = uint64_t(1) << 31;  // bytes of plaintext
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

// "scalar", "avx2", "avx512" or "neon": what make_engine uses, from the processor and NZIP_SIMD.
const char* simd_name();

}  // namespace nzip
