// Vocabularies of language models and their logits: refused, or masses that hold together.
#include <cstring>
#include <stdexcept>
#include <string_view>

#include "experts/token/distribution.hpp"
#include "experts/token/vocabulary.hpp"
#include "input.hpp"

namespace nzip::fuzz {

void run(Input input) {
  std::vector<std::string_view> tokens;
  for (size_t left = input.below(300); left > 0; --left) {
    const Bytes token = input.take(input.byte() % 8);
    tokens.emplace_back(reinterpret_cast<const char*>(token.data()), token.size());
  }
  try {
    const Vocabulary vocabulary(tokens);
    require(vocabulary.ids() == tokens.size());
    std::vector<float> logits(tokens.size());
    std::vector<uint16_t> below(vocabulary.order().size());
    BiasHead head(vocabulary);
    for (int round = 0; round < 4; ++round) {
      for (float& logit : logits) {
        const uint32_t bits = uint32_t(input.number(input.byte() % 2 ? 4 : 1)) << (input.byte() % 2 ? 0 : 23);
        std::memcpy(&logit, &bits, sizeof logit);
      }
      const uint32_t all = uint32_t(vocabulary.order().size()), place = uint32_t(input.below(all));
      below_top(logits.data(), vocabulary, below.data());
      const Distribution distribution(below.data(), all, head);
      require(distribution.mass() > 0 && distribution.mass() < uint64_t(1) << 55);
      require(distribution.mass(0, place) + distribution.mass(place, all) == distribution.mass());
      head.learn(distribution, place);
    }
    const Bytes text = input.rest();
    const auto found = vocabulary.longest(text);
    require(found.size <= text.size() && (found.size == 0 || found.place < vocabulary.order().size()));
  } catch (const std::invalid_argument&) {
  }
}

}  // namespace nzip::fuzz
