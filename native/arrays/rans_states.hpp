// What the loops over steps share with those that call them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "arrays/rans.hpp"

namespace nzip::arrays {

// A state is in [kLow, 2^32); below that it takes a word of 16 bits.
constexpr uint32_t kLow = 1u << 16;
constexpr size_t kWord = 2;

inline void put_word(uint8_t* p, uint32_t word) { p[0] = uint8_t(word), p[1] = uint8_t(word >> 8); }
inline uint32_t word_at(const uint8_t* p) { return p[0] | uint32_t(p[1]) << 8; }

// By class and byte, what it does to a state x: frequency (13 bits), start (13 bits) and shift, and the reciprocal, for
// which ((x - high) / 2 + high) >> shift with high = (x * reciprocal) >> 32 is x / frequency (Granlund, Montgomery:
// Division by invariant integers using multiplication, 1994); the state becomes x + start + (4096 - frequency) times
// it.
struct EncodeTables {
  std::vector<uint32_t> packed, reciprocals;
};

// The contexts, or the classes, of as many bytes from step `first` on.
using Find = void(std::span<const uint8_t> bytes, const Contexts& contexts, size_t first, std::span<uint8_t> out);
// `begin`, before which are 16 bytes of room at least, is where the words begin that were given so far.
using EncodeSteps = void(std::span<const uint8_t> bytes, const uint8_t* classes, const EncodeTables& tables,
                         uint32_t* states, uint8_t*& begin);
// An entry of the table, by class and the lowest bits of a state: byte, place among its states (12 bits), frequency
// - 1. Behind `end` are kWord * kLanes bytes that may be read, and one vector more.
using DecodeSteps = void(std::span<uint8_t> bytes, const Contexts& contexts, const uint32_t* table, uint32_t* states,
                         const uint8_t*& next, const uint8_t* end);

}  // namespace nzip::arrays
