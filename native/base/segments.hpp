// What a block is made of, as all of nzip sees it: segments of one kind of data each.
#pragma once

#include <cstdint>

namespace nzip {

// A run of bytes of one kind inside a block; the lengths of a block's segments sum to its plaintext length.
struct Segment {
  uint32_t kind;    // SegmentKind
  uint32_t param;   // records, bilevel: the record or row length in bytes; samples: SampleLayout; executable:
                    // InstructionSet; otherwise 0
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
  kArray = 8,       // elements of one type, which the parameter tells: what engine 2 codes
};

// The parameter of an executable segment.
enum InstructionSet : uint32_t { kX86 = 1, kX64 = 2, kArm64 = 3, kSparc = 4, kWasm = 5 };

}  // namespace nzip
