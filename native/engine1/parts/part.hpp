// What a predictor is made of: parts that give opinions of the next bit to the mixer, choose its weight sets, or refine
// what it says. Each has the same few functions, and this base does nothing in each of them.
#pragma once

#include <array>
#include <cstdint>

#include "engine1/adaptive.hpp"
#include "engine1/byte_tree.hpp"
#include "engine1/lane_state.hpp"
#include "engine1/nibble_table.hpp"
#include "engine1/pixels.hpp"
#include "engine1/samples/state.hpp"

namespace nzip::engine1::NZIP_ISA {

// What all parts know of the bit that is coded, and what some tell the others.
struct Moment {
  uint32_t byte = 1, bit = 0,
           node = 1;                  // the byte's bits with a leading 1, their number, the nibble's with a leading 1
  const LaneState* lane = nullptr;    // whose byte it is
  const ByteTree* trees = nullptr;    // of each expert: its distribution of the byte
  const NibbleSlot* slots = nullptr;  // of the first contexts, which have runs: their slots of the first nibble
  uint32_t hits = 0;                  // contexts of this nibble that were seen before
  uint32_t first_match = 0;           // class of the first match model's length, 0: none that agrees with the bits
  uint32_t last_match = 0;            // and of the last one's
  uint32_t network_opinion = 0;       // class of the first expert's stretched probability, below 32
  const SampleState* numbers = nullptr;  // of a lane in an array of numbers, else null
  uint32_t expected_number = 0;          // the next byte by their best prediction
  uint32_t above = 0;                    // in records: the byte above
  Pixels pixels;                         // of a bilevel raster
};

// Where a part's inputs, weight sets and selectors begin among all parts'.
struct Places {
  int input;
  uint32_t row;
  int selector;
};

template <class Derived>
class Part {
 public:
  static constexpr int kInputs = 0;  // opinions that it gives the mixer
  static constexpr int kBits = 0;    // adaptive bits that learn whether what they say came true
  // How many weight sets each of its selectors chooses from.
  static constexpr std::array<uint32_t, 0> kSelectors = {};
  static constexpr bool kExpert = false;  // reads the distribution of an expert
  static constexpr bool kTrained = true;  // starts hold its weights; parts that these do not know come last

  struct Model {};  // its part of the memory that is zero at first
  struct Lane {};   // what it keeps for each lane

  // Bytes of memory beside the model, with a reference of `reference` bytes, and of each lane beside `Lane`.
  static constexpr uint64_t memory(int /*table_log2*/, uint64_t /*reference*/) { return 0; }
  static constexpr uint64_t lane_memory() { return 0; }

  // The weights of its inputs in an untrained set.
  static void set_initial_weights(int32_t* /*weights*/) {}
  // Shows what a start holds of its model to a visitor, in a fixed order.
  template <class Visitor>
  void each(Visitor& /*visitor*/) {}

  // Computes what depends on a lane's next byte, ahead of its turn, and asks for memory.
  template <class L>
  void prepare(L& /*lane*/, const uint8_t* /*history*/) {}

  template <class L>
  void begin_byte(Moment& /*now*/, L& /*lane*/, const uint8_t* /*history*/) {}
  // Writes kInputs opinions, and of kBits adaptive bits where they are and of which value each is the probability.
  void give_inputs(Moment& /*now*/, int16_t* /*input*/, AdaptiveBit** /*bits*/, int32_t* /*says*/) {}
  // Calls choose(selector, weight set) for each selector.
  template <class Choose>
  void select(const Moment& /*now*/, Choose /*choose*/) {}
  // Makes a better probability (in 2^-32) of the mixer's opinion and what the parts before made of it.
  uint64_t refine(const Moment& /*now*/, int /*mixed*/, uint64_t p) { return p; }
  // Learns the bit.
  void update(const Moment& /*now*/, int /*y*/) {}
  // Gets ready for the next bit, which is not the byte's first.
  void advance(Moment& /*now*/, int /*y*/) {}
  void end_byte(uint8_t /*c*/) {}
};

// The predictions of the array of numbers that a lane is in; null elsewhere, and where no part keeps any.
template <class L>
const SampleState* numbers_of(const L& lane) {
  if constexpr (requires { lane.numbers; })
    if (lane.kind == kSamples) return lane.numbers.get();
  return nullptr;
}

inline int16_t signed_by(int y, int x) { return int16_t(y ? x : -x); }

}  // namespace nzip::engine1::NZIP_ISA
