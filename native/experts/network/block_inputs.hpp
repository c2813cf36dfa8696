// What a network sees of the lanes of a block besides its own state: a row of each input table for each position.
#pragma once

#include <cstdint>
#include <memory>

#include "base/lanes.hpp"
#include "experts/network/layout.hpp"

namespace nzip {

// Rounds come in order. In each, the rows of all lanes are read first; then each lane's byte is pushed, in the order of
// the lanes. So the rows depend on nothing that a decoder does not have.
class BlockInputs {
 public:
  virtual ~BlockInputs() = default;

  // The row of each table for a lane's byte of the round, in the order of table_shapes().
  virtual void rows(uint32_t lane, uint32_t round, int32_t* row) const = 0;
  // Takes a lane's byte of the round, which the block now holds. What is not pushed was never seen.
  virtual void push(uint32_t lane, uint32_t round) = 0;
};

// The most bytes that the inputs of so many lanes take.
uint64_t inputs_memory(Architecture architecture, uint32_t lanes);

std::unique_ptr<BlockInputs> make_inputs(Architecture architecture, const uint8_t* block, const LaneCut& cut,
                                         uint32_t lanes);

}  // namespace nzip
