// Classes of frequent words that stand in the same company, learned from the training data
// (nzip/train/word_classes.py), so that a context can tell what kind of word came before where the word itself is too
// rare to have been followed yet.
#pragma once

#include <array>
#include <cstdint>

namespace nzip::engine1 {

class WordClasses {
 public:
  static constexpr uint32_t kClasses = 64;

  WordClasses();
  // The class, 1 to kClasses, of the word with this hash (LaneState::word); 0: none.
  uint32_t find(uint64_t hash) const {
    for (uint32_t at = first(hash);; at = (at + 1) % kSlots)
      if (slots_[at] == 0 || (slots_[at] & ~kClassMask) == key(hash)) return slots_[at] & kClassMask;
  }

 private:
  static constexpr uint32_t kSlots = 1 << 14, kClassMask = 127;  // half of the slots stay empty
  static uint32_t first(uint64_t hash) { return uint32_t(hash >> 50); }
  static uint32_t key(uint64_t hash) { return uint32_t(hash >> 18) & ~kClassMask; }

  std::array<uint32_t, kSlots> slots_;  // a word's key above its class; 0: empty
};

extern const WordClasses kWordClasses;

}  // namespace nzip::engine1
