// Evaluates a Llama model for many tokens at once. Each token's numbers depend on nothing but the tokens that it sees,
// so any division into batches, and any number of threads, gives the same bits.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/crew.hpp"
#include "experts/llama/cache.hpp"
#include "experts/llama/model.hpp"

namespace nzip::llama {

constexpr size_t kBatch = 64;  // tokens that go through the layers together

// Slots of a block of 16, by the bits of the mask.
struct Visible {
  uint32_t block;
  uint16_t mask;
};

// A token and what it sees.
struct Column {
  uint32_t token;
  uint64_t position;
  Cache* cache;
  uint32_t slot;                 // that its keys and values go to; no other column of the batch has it
  std::vector<Visible> visible;  // its own slot is among them; what others of the batch write may be
  bool asked;                    // whether its logits are wanted
  bool is_first;                 // of its lane: its keys are kept as they are before they are turned
};

class Evaluator {
 public:
  virtual ~Evaluator() = default;

  // Of at most kBatch columns; parents stand before their children. Writes the logits of all tokens, in 2^-16, for each
  // column that is asked. Any number of threads may call it for different caches.
  virtual void evaluate(std::span<const Column> columns, int32_t* logits, Crew& crew) const = 0;
  // Turns a lane's first keys to another position and writes them with their values, of `from`, to slot `to`.
  virtual void move_first(Cache& cache, uint32_t from, uint32_t to, uint64_t position) const = 0;
};

std::unique_ptr<Evaluator> make_evaluator(std::shared_ptr<const Model> model);

}  // namespace nzip::llama
