// Detection of arrays of numbers: sound, rasters, measurements.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "cm/sample_layout.hpp"

namespace nzip {

struct FoundSamples {
  SampleLayout layout;
  size_t skip;  // bytes of the window before the first number
  bool operator==(const FoundSamples&) const = default;
};

// Judges a window. before: how the numbers of the window before it would go on here; stride: the record length that was
// found, or 0. at_start: whether a file may begin here, whose header may say what follows.
std::optional<FoundSamples> find_samples(std::span<const uint8_t> window, const std::optional<FoundSamples>& before,
                                         uint32_t stride, bool at_start);

}  // namespace nzip
