// Asymmetric numeral systems (Duda: Asymmetric numeral systems: entropy coding combining speed of Huffman coding with
// compression rate of arithmetic coding, 2013), 32 of them side by side, as Giesen interleaves them (Interleaved
// entropy coders, 2014): bytes in steps of 32, one for each lane, each with the frequencies of its class.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "arrays/frequencies.hpp"

namespace nzip::arrays {

constexpr size_t kLanes = 32;
constexpr size_t kMostClasses = 16;

// Where contexts come from. A context is a byte; as many bounds as are not greater than it tell the class.
enum class Source : uint8_t {
  kNone,     // there is one class
  kAbove,    // the bytes of another plane at the same places
  kOwn,      // the rounded average of the bytes 1, 2, 3 and 4 times `distance` steps before; 0 before the first
  kEarlier,  // what an earlier file has at the same places
};

struct Contexts {
  Source source = Source::kNone;
  const uint8_t* beside = nullptr;   // kAbove, kEarlier: steps of kLanes bytes
  size_t distance = 1;               // steps
  std::vector<uint8_t> bounds = {};  // ascending, fewer than kMostClasses

  size_t classes() const { return bounds.size() + 1; }
};

// The contexts, or the classes, of as many bytes as are to be filled in, from step `first` on.
void find_contexts(std::span<const uint8_t> bytes, const Contexts& contexts, size_t first, std::span<uint8_t> out);
void find_classes(std::span<const uint8_t> bytes, const Contexts& contexts, size_t first, std::span<uint8_t> out);

// Appends what bytes, a multiple of kLanes, become. There is a class for each, and Frequencies for each class.
void rans_encode(std::span<const uint8_t> bytes, std::span<const uint8_t> classes,
                 std::span<const Frequencies> frequencies, std::vector<uint8_t>& out);

// Takes that, and fills bytes. Throws Damaged where no encoder made it.
void rans_decode(Reader& in, const Contexts& contexts, std::span<const Frequencies> frequencies,
                 std::span<uint8_t> bytes);

}  // namespace nzip::arrays
