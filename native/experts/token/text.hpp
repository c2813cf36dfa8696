// Where the text is that a language model is asked about.
#pragma once

#include <cstdint>

#include "base/segments.hpp"
#include "base/utf8.hpp"

namespace nzip {

// What a segment's kind says of the text in it.
enum class TextIn { kNowhere, kPerhaps, kEverywhere };

constexpr TextIn text_in(uint32_t kind) {
  switch (kind) {
    case kText:
      return TextIn::kEverywhere;
    case kBinary:
    case kRecords:
    case kExecutable:
      return TextIn::kPerhaps;
    default:
      return TextIn::kNowhere;
  }
}

// The text that ends here: UTF-8 without control characters. Where there is perhaps some, so much of it is believed.
class TextRun {
 public:
  static constexpr uint32_t kBelieved = 64;  // bytes

  void push(uint8_t c) {
    const bool is_text = continues_character(c) ? missing_ > 0 : missing_ == 0 && begins_character(c);
    length_ = is_text ? length_ + 1 : 0;
    missing_ = !is_text ? 0 : continues_character(c) ? missing_ - 1 : (c >= 0xc0) + (c >= 0xe0) + (c >= 0xf0);
  }

  uint32_t length() const { return length_; }  // bytes

 private:
  static bool begins_character(uint8_t c) {
    constexpr uint8_t kDelete = 0x7f, kEscape = 0x1b;  // the latter colours lines
    return c < 0x20 ? (c >= '\t' && c <= '\r') || c == kEscape : c < kDelete || (c >= 0xc2 && c <= 0xf4);
  }

  uint32_t length_ = 0;
  int missing_ = 0;  // bytes of a character that has begun
};

}  // namespace nzip
