// What a lane knows of the bytes it has coded: the features that contexts are made of.
#pragma once

#include <array>
#include <cstdint>

#include "base/hash.hpp"
#include "base/segments.hpp"
#include "base/utf8.hpp"
#include "engine1/code/wasm_state.hpp"
#include "engine1/code/word_state.hpp"
#include "engine1/code/x86_flow.hpp"
#include "engine1/elements.hpp"
#include "engine1/kinds.hpp"
#include "engine1/word_classes.hpp"

namespace nzip::engine1::NZIP_ISA {

// Sixteen classes of bytes, for contexts that see the shape of a text rather than its letters.
constexpr std::array<uint8_t, 256> kByteClass = [] {
  std::array<uint8_t, 256> c{};
  for (int i = 0; i < 256; ++i)
    c[i] = uint8_t(i >= 'a' && i <= 'z'   ? 1
                   : i >= 'A' && i <= 'Z' ? 2
                   : i >= '0' && i <= '9' ? 3
                   : i >= 128             ? 6
                   : i < 32               ? 13
                                          : 15);
  c[' '] = 4;
  c['\n'] = 5;
  for (char i : {'.', '!', '?'}) c[uint8_t(i)] = 7;
  for (char i : {',', ';', ':'}) c[uint8_t(i)] = 8;
  for (char i : {'<', '>'}) c[uint8_t(i)] = 9;
  for (char i : {'(', ')', '[', ']', '{', '}'}) c[uint8_t(i)] = 10;
  for (char i : {'"', '\''}) c[uint8_t(i)] = 11;
  c['='] = 12;
  for (char i : {'-', '_', '/'}) c[uint8_t(i)] = 14;
  return c;
}();

struct LaneState {
  uint32_t begin = 0;     // position of the lane's first byte
  uint32_t position = 0;  // position of the next byte
  uint64_t last8 = 0;     // the last eight bytes, newest lowest
  uint64_t older8 = 0;    // the eight bytes before these
  uint64_t flowing8 = 0;  // the last eight as if lines never broke: their ends are blanks, those of paragraphs \n
  uint64_t classes = 0;   // the classes of the last sixteen bytes, newest lowest
  uint64_t shape = 0;     // the same of the last sixteen runs of one class: letters of a word count as one

  uint64_t punctuation = 0;  // the last eight bytes that are neither letters, digits nor blanks

  uint64_t word = 0;                            // hash of the letters since the last break, 0 between words
  uint64_t word1 = 0, word2 = 0;                // the words before it
  uint32_t class1 = 0, class2 = 0, class3 = 0;  // their classes: those of their last two letters for unknown words
  uint64_t before_letter = 0;                   // the word before its last letter that is not ASCII
  uint32_t word_length = 0;                     // letters of the current word
  uint64_t letters = 0;                         // the last eight letters, lower case, whatever stood between them
  uint32_t line_begin = 0;                      // position of the current line's first byte
  uint32_t previous_line = 0;                   // and of the line's before it
  uint32_t indent = 0;                          // blanks at the current line's start
  uint8_t line_first = 0;                       // the current line's first byte, 0 before it
  uint32_t field = 0;     // separators (comma, semicolon, tab, bar) since the current line's start
  uint64_t tag = 0;       // hash of the name behind the last <
  bool in_tag = false;    // still within that name
  uint64_t key = 0;       // the word before the last =, : or opening parenthesis
  uint8_t depth = 0;      // of open brackets
  uint8_t open[16] = {};  // the open brackets

  uint32_t segment = 0;          // the next segment of the block's list
  uint64_t segment_begin = 0;    // position of the current segment's first byte
  uint64_t segment_end = 0;      // and of the one behind it
  uint32_t kind = 0, param = 0;  // of the current segment
  uint32_t model = 0;            // model_of(kind)
  uint32_t stride = 0;           // of its records or rows, 0: none
  uint32_t column = 0;           // position in the record
  uint32_t machine = 0;          // the executable segment's instruction set, 0 in others
  Elements elements;             // of a segment of records
  X86Flow x86;                   // of an executable segment
  WordState words;
  WasmState wasm;

  bool is_modelled() const { return model < kModels; }

  // Of an executable segment, to choose weights by: the field that the next byte belongs to (below 32), that and the
  // kind of address, the instruction before or the bytes that are known (below 256), the opcode before (below 256), and
  // the field in this instruction's opcode (below 1024).
  bool is_x86() const { return machine <= kX64; }
  bool is_wasm() const { return machine == kWasm; }
  uint32_t code_field() const { return is_x86() ? x86.slot() : is_wasm() ? uint32_t(wasm.field) : words.at; }
  uint32_t code_place() const {
    if (is_wasm()) return wasm.place();
    return is_x86() ? x86.slot() * 8 + (x86.modrm >> 6) : words.at * 64 + (words.word[0] >> 26);
  }
  uint32_t code_before() const {
    if (is_wasm()) return wasm.opcodes & 255;
    return is_x86() ? uint32_t(x86.opcodes & 255) : words.at * 64 + (words.word[1] >> 26);
  }
  uint32_t code_opcode() const {
    if (is_x86()) return x86.slot() * 32 + (x86.current_opcode() >> 3);
    if (is_wasm()) return wasm.operation();
    return words.at * 256 + (words.at ? words.part >> (8 * (words.at - 1)) : words.word[0] >> 24);
  }

  uint32_t expected = 0;  // the next byte by the longest match, with a leading 1; 0: no match
  uint32_t matched = 0;   // class of the match's length

  uint8_t last(int n) const { return uint8_t(last8 >> (8 * (n - 1))); }
  uint64_t last_bytes(int n) const { return n == 8 ? last8 : last8 & ((uint64_t(1) << 8 * n) - 1); }
  uint8_t innermost() const { return depth ? open[depth - 1] : 0; }

  void enter(uint32_t at) { begin = position = line_begin = previous_line = at; }

  // Takes in the byte just written at `position`.
  void push(uint8_t c) {
    ++position;
    older8 = older8 << 8 | last8 >> 56;
    last8 = last8 << 8 | c;
    push_flowing(c);
    const uint8_t byte_class = kByteClass[small_letter(last(2), c) ? 'A' : c];
    classes = classes << 4 | byte_class;
    if ((shape & 15) != byte_class) shape = shape << 4 | byte_class;
    push_word(c);
    push_line(c);
    push_structure(c);
    if (stride && ++column == stride) column = 0;
    if (kind == kRecords) elements.push(c);
    if (machine) push_code(c);
  }

 private:
  void push_flowing(uint8_t c) {
    const uint8_t before = uint8_t(flowing8);
    const bool blank = before == ' ' || before == '\n';
    if (c == '\n')
      flowing8 = blank ? (flowing8 & ~uint64_t(255)) | c : flowing8 << 8 | ' ';
    else if (c != '\r' && !(c == ' ' && blank))
      flowing8 = flowing8 << 8 | c;
  }

  void push_structure(uint8_t c) {
    const bool letter = word != 0, digit = c >= '0' && c <= '9';
    if (!letter && !digit && c != ' ') punctuation = punctuation << 8 | c;
    if (c == '=' || c == ':' || c == '(') key = word1;
    if (c == ',' || c == ';' || c == '\t' || c == '|') ++field;
    if (c == '\n') field = 0;
    if (c == '<')
      tag = 0, in_tag = true;
    else if (in_tag && (letter || digit || c == '/' || c == '!'))
      tag = mix(tag, c);
    else
      in_tag = false;
  }

  void push_code(uint8_t c) {
    if (is_x86())
      x86.push(c, machine == kX64);
    else if (is_wasm())
      wasm.push(c);
    else
      words.push(c, machine);
  }

  void push_word(uint8_t c) {
    if (c >= 128) return push_high(c);
    const uint8_t letter = c >= 'A' && c <= 'Z' ? c + 32 : c;
    if (letter >= 'a' && letter <= 'z')
      push_letter(letter);
    else if (word)
      end_word();
  }

  void push_letter(uint8_t c) { word = mix(word, c), ++word_length, letters = letters << 8 | c; }

  // What is not ASCII is part of a letter, but for some marks.
  void push_high(uint8_t c) {
    if (ends_mark(last_bytes(3))) return;
    if (begins_ideograph(c) && ends_ideograph(last_bytes(4) >> 8)) end_word();
    if (continues_mark(last(2), c)) {
      take_back_letter();
      if (word) end_word();
    } else if (const uint32_t small = small_letter(last(2), c)) {
      take_back_letter();
      push_letter(uint8_t(0xc0 | small >> 6));
      push_letter(uint8_t(0x80 | (small & 0x3f)));
    } else {
      if (!continues_character(c)) before_letter = word;
      push_letter(c);
    }
  }

  // The first byte of a character turns out not to be what was pushed.
  void take_back_letter() { word = before_letter, --word_length, letters >>= 8; }

  void end_word() {
    const uint32_t known = kWordClasses.find(word);
    class3 = class2, class2 = class1, class1 = known ? known : 256 + uint32_t(letters & 0xffff);
    word2 = word1, word1 = word, word = 0, word_length = 0;
  }

  void push_line(uint8_t c) {
    if (c == '\n') {
      previous_line = line_begin;
      line_begin = position;
      line_first = 0;
      indent = 0;
      return;
    }
    const uint32_t at = position - 1 - line_begin;
    if (at == 0) line_first = c;
    if (at == indent && (c == ' ' || c == '\t')) ++indent;
    if ((c == '(' || c == '[' || c == '{' || c == '<') && depth < sizeof open) open[depth++] = c;
    if ((c == ')' || c == ']' || c == '}' || c == '>') && depth > 0) --depth;
  }
};

}  // namespace nzip::engine1::NZIP_ISA
