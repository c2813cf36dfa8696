// What contexts know of UTF-8. Text in other encodings has hardly any byte that is taken for a part of it.
#pragma once

#include <cstdint>

namespace nzip {

constexpr bool continues_character(uint8_t c) { return (c & 0xc0) == 0x80; }

// The first byte of the characters U+3000 to U+9FFF and U+F000 to U+FFFF: kana, ideographs and their punctuation. No
// blanks stand between their words, so each character counts as one.
constexpr bool begins_ideograph(uint8_t c) { return (c >= 0xe3 && c <= 0xe9) || c == 0xef; }
constexpr bool ends_ideograph(uint64_t last3) {
  return begins_ideograph(last3 >> 16) && continues_character(uint8_t(last3 >> 8)) &&
         continues_character(uint8_t(last3));
}

// The second byte and the third one of marks: U+0080 to U+00BF, U+2000 to U+203F.
constexpr bool continues_mark(uint8_t lead, uint8_t c) {
  return lead == 0xe2 ? c == 0x80 : lead == 0xc2 && continues_character(c);
}
constexpr bool ends_mark(uint64_t last3) { return last3 >> 8 == 0xe280 && continues_character(uint8_t(last3)); }

// The small letter of a capital of Latin-1, Greek or Cyrillic, whose two bytes are given; 0 for all else.
constexpr uint32_t small_letter(uint8_t lead, uint8_t c) {
  if (!continues_character(c)) return 0;
  const uint32_t letter = (lead & 0x1f) << 6 | (c & 0x3f);
  switch (lead) {
    case 0xc3:
      return letter <= 0xde && letter != 0xd7 ? letter + 0x20 : 0;
    case 0xce:
      return letter >= 0x391 && letter <= 0x3a9 ? letter + 0x20 : 0;
    case 0xd0:
      return letter < 0x410 ? letter + 0x50 : letter < 0x430 ? letter + 0x20 : 0;
    default:
      return 0;
  }
}

}  // namespace nzip
