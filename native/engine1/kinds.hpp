// The kinds of segments that this engine codes, and the numbers by which its models tell those apart that it predicts.
#pragma once

#include <array>
#include <cstdint>

#include "base/segments.hpp"

namespace nzip::engine1 {

constexpr std::array<uint32_t, 7> kKinds = {kText, kBinary, kRecords, kBilevel, kExecutable, kSamples, kPacked};

// Weight sets lie in this order: a kind that joins comes last, whatever its number in files.
constexpr std::array<uint32_t, 6> kModelledKinds = {kText, kBinary, kRecords, kBilevel, kExecutable, kSamples};

constexpr uint32_t kModels = kModelledKinds.size();

// The place of a kind in kModelledKinds; kModels where it is none of them.
constexpr uint32_t model_of(uint32_t kind) {
  uint32_t model = 0;
  while (model < kModels && kModelledKinds[model] != kind) ++model;
  return model;
}

}  // namespace nzip::engine1
