// A language model as an expert: its distribution of tokens becomes one of the next byte. See docs/decisions/036.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "experts/byte_expert.hpp"
#include "experts/token/distribution.hpp"
#include "experts/token/vocabulary.hpp"

namespace nzip {

// What a lane's model has to do before it predicts the next token.
struct TokenRequest {
  uint32_t lane;
  uint32_t forget;                // how many of the last tokens it took it should not have taken
  std::vector<uint32_t> tokens;   // ids of those that it takes; never empty
  std::span<const uint8_t> text;  // what follows them, where it is known; a model may look ahead there
};

// The model itself. What it throws passes through the engine.
struct LanguageModel {
  std::shared_ptr<const Vocabulary> vocabulary;
  uint32_t start;  // the token that a text begins behind
  uint32_t skip;   // bytes of a repetition from which on the model is not asked
  // Forgets everything; then there are so many lanes.
  std::function<void(uint32_t lanes)> begin;
  // Does what is wanted in some lanes, in each at most once, and gives what below_top makes of the logits behind each
  // one's last token, valid until the next call.
  std::function<std::vector<const uint16_t*>(const std::vector<TokenRequest>&)> evaluate;
};

// The most bytes that one takes for so many lanes, beside vocabulary and model.
uint64_t token_expert_memory(const Vocabulary& vocabulary, uint32_t lanes);

// An expert that stands behind another one, which it asks about what the model does not know.
std::shared_ptr<ByteExpert> make_token_expert(LanguageModel model);

}  // namespace nzip
