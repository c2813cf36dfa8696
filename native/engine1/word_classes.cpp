#include "engine1/word_classes.hpp"

#include <string_view>

#include "base/hash.hpp"

namespace nzip::engine1 {
namespace {

constexpr std::string_view kWords[] = {
#include "engine1/word_classes.inc"
};
static_assert(std::size(kWords) == WordClasses::kClasses);

}  // namespace

WordClasses::WordClasses() : slots_{} {
  uint32_t number = 0;
  for (const std::string_view words : kWords) {
    ++number;
    uint64_t hash = 0;
    for (size_t i = 0; i <= words.size(); ++i) {
      if (i < words.size() && words[i] != ' ') {
        hash = mix(hash, uint8_t(words[i]));
        continue;
      }
      uint32_t at = first(hash);
      while (slots_[at]) at = (at + 1) % kSlots;
      slots_[at] = key(hash) | number;
      hash = 0;
    }
  }
}

const WordClasses kWordClasses;

}  // namespace nzip::engine1
