// Runs: in the first contexts of the set the byte that came last, and how often it came in a row.
#pragma once

#include <array>
#include <cstdint>

#include "engine1/contexts/by_kind.hpp"
#include "engine1/mixer.hpp"
#include "engine1/parts/part.hpp"

namespace nzip::engine1::NZIP_ISA {

template <class Set>
class Runs : public Part<Runs<Set>> {
  static constexpr int kStates = 12 * 8;

 public:
  static constexpr int kInputs = kRuns<Set>, kBits = kRuns<Set>;

  struct Model {
    AdaptiveBit run_map[kRuns<Set>][kStates];
  };

  Runs(Model& model, int /*table_log2*/, bool /*few_data*/) : model_(model) {
    // What came n times in a row is trusted the more from the start.
    for (auto& map : model_.run_map)
      for (int n = 0; n < kStates; ++n) map[n].set(uint32_t(65535 - 32768 / (n / 8 + 1)));
  }

  static void set_initial_weights(int32_t* w) {
    for (int i = 0; i < kInputs; ++i) w[i] = kOne / 16;
  }
  template <class Visitor>
  void each(Visitor& visitor) {
    for (auto& map : model_.run_map)
      for (AdaptiveBit& b : map) visitor.bit(b);
  }

  template <class L>
  void begin_byte(Moment& now, L& /*lane*/, const uint8_t* /*history*/) {
    slots_ = now.slots;
    for (int i = 0; i < kRuns<Set>; ++i) {
      const uint32_t n = *slots_[i].run_count;
      run_[i] = {n ? 256u | *slots_[i].run_byte : 0, n < 8 ? n : n < 16 ? 8 : n < 32 ? 9 : n < 255 ? 10 : 11};
    }
  }

  // All but the first ones; the others' places are left alone.
  void give_inputs_from(int first, Moment& now, int16_t* input, AdaptiveBit** bits, int32_t* says) {
    for (int i = first; i < kRuns<Set>; ++i) {
      const Run& run = run_[i];
      const uint32_t alive = run.expected >> (8 - now.bit) == now.byte;
      const int y = int(run.expected >> (7 - now.bit) & 1);
      AdaptiveBit& bit = model_.run_map[i][alive * (run.bucket * 8 + now.bit)];  // context 0: no prediction
      input[i] = signed_by(y, kTables.stretch[bit.p12()] & -int(alive));
      bits[i] = &bit;
      says[i] = y;
    }
  }
  void give_inputs(Moment& now, int16_t* input, AdaptiveBit** bits, int32_t* says) {
    give_inputs_from(0, now, input, bits, says);
  }

  void end_byte(uint8_t c) {
    for (int i = 0; i < kRuns<Set>; ++i) slots_[i].count_run(c);
  }

 private:
  struct Run {
    uint32_t expected, bucket;  // the byte with a leading 1, 0 for none; class of its count
  };

  Model& model_;
  const NibbleSlot* slots_ = nullptr;
  Run run_[kRuns<Set>];
};

}  // namespace nzip::engine1::NZIP_ISA
