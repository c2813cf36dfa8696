// Detection of arrays of numbers: sound, rasters, measurements.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/sample_layout.hpp"

namespace nzip {

struct FoundSamples {
  SampleLayout layout;
  size_t skip;  // bytes of the window before the first number
  bool operator==(const FoundSamples&) const = default;
};

// Judges a window. expected: how the numbers of the window before it would go on here, or what a header says; promised:
// whether it is a header that says so; stride: the record length that was found, or 0.
std::optional<FoundSamples> find_samples(std::span<const uint8_t> window, const std::optional<FoundSamples>& expected,
                                         bool promised, uint32_t stride);

// How much it tells of a byte to know its column in records of that length, in 1/1000 bits.
int64_t told_by_place(std::span<const uint8_t> window, uint32_t stride);

}  // namespace nzip
