// Predictions of the next number of an array: there the maps from them take the places of the first runs.
#pragma once

#include <cstdint>
#include <memory>

#include "engine1/parts/runs.hpp"
#include "engine1/samples/maps.hpp"

namespace nzip::engine1::NZIP_ISA {

template <class Set>
class RunsOrNumbers : public Part<RunsOrNumbers<Set>> {
  static_assert(kRuns<Set> >= SampleBit::kMaps);

 public:
  static constexpr int kInputs = Runs<Set>::kInputs, kBits = Runs<Set>::kBits;

  struct Model : Runs<Set>::Model {
    AdaptiveBit sample_map[SampleBit::kMaps][SampleBit::kContexts];
  };
  struct Lane {
    std::unique_ptr<SampleState> numbers;  // once the lane was in a segment of samples
  };

  RunsOrNumbers(Model& model, int table_log2, bool few_data) : model_(model), runs_(model, table_log2, few_data) {}

  static constexpr uint64_t lane_memory() { return sizeof(SampleState); }
  static void set_initial_weights(int32_t* w) { Runs<Set>::set_initial_weights(w); }
  template <class Visitor>
  void each(Visitor& visitor) {
    runs_.each(visitor);
  }

  template <class L>
  void begin_byte(Moment& now, L& lane, const uint8_t* history) {
    runs_.begin_byte(now, lane, history);
  }

  void give_inputs(Moment& now, int16_t* input, AdaptiveBit** bits, int32_t* says) {
    if (now.numbers) {
      const SampleBit bit(*now.numbers, now.byte, now.bit);
      for (int i = 0; i < SampleBit::kMaps; ++i) {
        AdaptiveBit& map = model_.sample_map[i][bit.context(i)];
        input[i] = kTables.stretch[map.p12()];
        bits[i] = &map;
        says[i] = 1;
      }
    }
    runs_.give_inputs_from(now.numbers ? SampleBit::kMaps : 0, now, input, bits, says);
  }

  void end_byte(uint8_t c) { runs_.end_byte(c); }

 private:
  Model& model_;
  Runs<Set> runs_;
};

}  // namespace nzip::engine1::NZIP_ISA
