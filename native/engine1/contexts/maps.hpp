// Contexts of the maps: rows of their own, and some of the contexts of the full set's histories.
#pragma once

#include <cstdint>
#include <tuple>

#include "engine1/contexts/by_kind.hpp"

namespace nzip::engine1::NZIP_ISA::contexts {

inline constexpr auto kMapRows = std::tuple{
    Row{"order 1", [](const View& v) { return mix(200, v.s.last(1)); }},
    Row{"order 2", [](const View& v) { return mix(201, v.s.last_bytes(2)); }},
    Row{"order 3", [](const View& v) { return mix(202, v.s.last_bytes(3)); }},
    Row{"word", [](const View& v) { return mix(203, v.s.word + v.s.last(1)); }},
};

// The places of the others among the full set's, by the kind of data.
struct Mapped {
  static constexpr auto kForText = places<kFullTextRows, "order 4", "8 classes", "2 words", "order 5">();
  static constexpr auto kForRecords =
      places<kFullRecordsRows, "order 6", "above, column", "column, order 1", "column">();
  static constexpr auto kForBilevel =
      places<kFullBilevelRows, "3 and 2 near", "2 and 1 near, 1 further", "8 and 0 near", "4 and 4 near">();
  static constexpr auto kForX86 =
      places<kX86Rows, "slot, order 1", "start before", "2 opcodes", "operand, opcode, address">();
  static constexpr auto kForWords =
      places<kWordsRows, "word but one before", "order 1, operation before", "4 operations", "bytes 3 4">();
  static constexpr auto kForWasm = places<kWasmRows, "bytes 2 3", "value before", "order 4", "field">();
  static constexpr auto kForSamples =
      places<kSamplesRows, "predictions 5 8", "prediction 6, mean", "predictions 7 9", "prediction 8, mean">();
  static constexpr auto kForBinary =
      places<kFullBinaryRows, "bytes 3 4", "bytes 1 3 5 6", "4 places, order 1", "order 2, classes">();
};

constexpr int kMapped = int(Mapped::kForText.size()), kMaps = count(kMapRows) + kMapped;

// Writes the contexts of the maps; `hashed` are those of the histories.
template <class Lane>
void hash_for_maps(const Lane& lane, const uint64_t* hashed, uint64_t* h) {
  hash(kMapRows, View(lane, nullptr, nullptr), h);
  const uint8_t* places = of_kind<Mapped>(lane, [](const auto& list, auto) { return list.data(); });
  for (int i = 0; i < kMapped; ++i) h[count(kMapRows) + i] = hashed[places[i]];
}

}  // namespace nzip::engine1::NZIP_ISA::contexts
