// The tokens that a model's own tokenizer makes of a text, as a rule. Nothing but speed depends on them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "experts/token/vocabulary.hpp"

namespace nzip {

struct Guess {
  uint32_t id;
  uint32_t size;  // in bytes
};

// At most so many tokens, from the text's beginning on. Words, numbers and signs are divided as GPT-2 divides them, and
// of two neighbours those are merged first whose token has the lowest id: tokenizers that learned by merging pairs
// number their tokens so. Ends where no token fits.
std::vector<Guess> guess_tokens(std::span<const uint8_t> text, size_t most, const Vocabulary& vocabulary);

}  // namespace nzip
