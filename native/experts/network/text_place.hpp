// Where a lane stands in its text, as far as networks see it: line, column and indentation, words and the line above.
#pragma once

#include <cstdint>

namespace nzip {

// Positions are those in the bytes that the lane is a part of.
struct TextPlace {
  explicit TextPlace(uint32_t begin) : line(begin) {}

  // Takes the lane's next byte, which stands at `at`.
  void push(uint32_t at, uint8_t c) {
    if (c == '\n') {
      line_above = line;
      above_length = column;
      line = at + 1;
      column = indent = 0;
      indenting = true;
    } else {
      ++column;
      if (indenting && (c == ' ' || c == '\t'))
        ++indent;
      else
        indenting = false;
    }
    const uint8_t lower = c >= 'A' && c <= 'Z' ? uint8_t(c + 32) : c;
    if ((lower >= 'a' && lower <= 'z') || c >= 128) {
      word = (word + lower + 1) * 0x2F0B4C47u;
      ++word_length;
    } else if (word_length) {
      last_word_but_one = last_word;
      last_word = word;
      word = 0;
      word_length = 0;
    }
  }

  // The byte of the line above that stands `ahead` columns behind this one's next; a newline where that was shorter.
  uint8_t above(const uint8_t* bytes, uint32_t ahead = 0) const {
    return column + ahead < above_length ? bytes[line_above + column + ahead] : uint8_t('\n');
  }

  uint32_t column_row() const { return column < 40 ? column : column < 136 ? 40 + (column - 40) / 4 : 63; }
  uint32_t layout_row() const { return (word_length < 15 ? word_length : 15) * 16 + (indent < 15 ? indent : 15); }

  uint32_t word = 0, last_word = 0, last_word_but_one = 0;  // hashes
  uint32_t word_length = 0, column = 0, indent = 0;
  uint32_t line, line_above = 0, above_length = 0;
  bool indenting = true;
};

}  // namespace nzip
