// How often each byte value is expected, in 4096ths.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "arrays/bits.hpp"

namespace nzip::arrays {

constexpr int kScaleLog2 = 12;
constexpr uint32_t kScaleTotal = 1u << kScaleLog2;

using Counts = std::array<uint32_t, 256>;
using Frequencies = std::array<uint16_t, 256>;  // they sum to kScaleTotal

// Of counts that are not all zero; what occurs has at least 1.
Frequencies frequencies_of(const Counts& counts);

void write(const Frequencies& frequencies, BitWriter& out);
Frequencies read_frequencies(Reader& in);

// In 2^-16 bits: what all symbols take together that were counted, if their frequencies are the counts' own.
uint64_t entropy(const Counts& counts);
// The same with these frequencies.
uint64_t cost(const Counts& counts, const Frequencies& frequencies);

}  // namespace nzip::arrays
