// What the network sees of a lane besides its own state: the row of each of its input tables at one position.
// Tables cost no multiplication, so facts that a recurrence learns slowly are given to it: words by hash, the line
// above, column and indentation. The specification is docs/model.md; trained networks depend on every line of it.
#pragma once

#include <cstdint>

namespace nzip {

// Tables of the first layer's gates: the last four bytes. Tables of the residual stream: see kResidualRows.
constexpr int kGateTables = 4;
constexpr int kResidualTables = 7;
constexpr int kResidualRows[kResidualTables] = {256, 256, 64, 256, 4096, 1024, 2048};
constexpr int kInputTables = kGateTables + kResidualTables;

class InputFeatures {
 public:
  // Takes the next byte of the lane that starts at `begin`; history[position] is c.
  void push(const uint8_t* history, uint64_t position, uint8_t c) {
    last4_ = last4_ << 8 | c;
    if (c == '\n') {
      line_above_ = line_;
      above_length_ = column_;
      line_ = position + 1;
      column_ = indent_ = 0;
      indenting_ = true;
    } else {
      ++column_;
      if (indenting_ && (c == ' ' || c == '\t'))
        ++indent_;
      else
        indenting_ = false;
    }
    const uint8_t lower = c >= 'A' && c <= 'Z' ? uint8_t(c + 32) : c;
    if ((lower >= 'a' && lower <= 'z') || c >= 128) {
      word_ = (word_ + lower + 1) * 0x2F0B4C47u;
      ++word_length_;
    } else if (word_length_) {
      last_word_ = word_;
      word_ = 0;
      word_length_ = 0;
    }
    above_ = column_ < above_length_ ? history[line_above_ + column_] : '\n';
  }

  // The row of each table, in the tables' order.
  void rows(int32_t* row) const {
    for (int k = 0; k < kGateTables; ++k) row[k] = int32_t(last4_ >> 8 * k & 255);
    row += kGateTables;
    row[0] = int32_t(last4_ & 255);
    row[1] = above_;
    row[2] = int32_t(column_ < 40 ? column_ : column_ < 136 ? 40 + (column_ - 40) / 4 : 63);
    row[3] = int32_t(min(word_length_, 15) * 16 + min(indent_, 15));
    row[4] = int32_t((word_ * 0x9E3779B1u) >> 20);
    row[5] = int32_t((last_word_ * 0x9E3779B1u) >> 22);
    row[6] = int32_t(((last4_ & 0xffffff) * 0x9E3779B1u) >> 21);
  }

 private:
  static uint32_t min(uint32_t a, uint32_t b) { return a < b ? a : b; }

  uint32_t last4_ = 0x0a0a0a0a;
  uint32_t word_ = 0, last_word_ = 0, word_length_ = 0;
  uint32_t column_ = 0, indent_ = 0, above_length_ = 0, above_ = '\n';
  uint64_t line_ = 0, line_above_ = 0;
  bool indenting_ = true;
};

}  // namespace nzip
