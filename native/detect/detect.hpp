// Content detection: what kind of data a block holds, part by part. Only the encoder runs it; a wrong guess costs size,
// never correctness.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/segments.hpp"
#include "base/stop.hpp"
#include "detect/detector.hpp"

namespace nzip {

// Segments in order; their lengths sum to plain.size(). Empty for an empty block.
std::vector<Segment> detect(std::span<const uint8_t> plain, const Stop& stop);
// The same by other detectors than those that there are.
std::vector<Segment> detect(std::span<const uint8_t> plain, std::span<const Detector> detectors, const Stop& stop);

}  // namespace nzip
