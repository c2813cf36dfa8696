#include "experts/token/guess.hpp"

#include <algorithm>

namespace nzip {
namespace {

constexpr size_t kLongest = 64;  // bytes of a piece

bool is_space(uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }
bool is_letter(uint8_t c) { return (c | 32) - 'a' < 26u || c >= 0x80; }

enum class Kind { kSpace, kDigit, kLetter, kSign };
Kind kind_of(uint8_t c) {
  return is_space(c) ? Kind::kSpace : is_digit(c) ? Kind::kDigit : is_letter(c) ? Kind::kLetter : Kind::kSign;
}

// Of the piece that the text begins with.
size_t piece_size(std::span<const uint8_t> text) {
  text = text.first(std::min(text.size(), kLongest));
  const auto run_from = [&](size_t at) {
    size_t end = at + 1;
    while (end < text.size() && kind_of(text[end]) == kind_of(text[at])) ++end;
    return end;
  };
  if (kind_of(text[0]) == Kind::kSpace) {
    const size_t end = run_from(0);
    if (end == text.size()) return end;
    if (end > 1) return end - 1;  // the last space belongs to what follows
    return text[0] == ' ' ? run_from(1) : 1;
  }
  if (text[0] == '\'' && text.size() > 1) {  // English contractions
    const uint8_t next = text[1], last = text.size() > 2 ? text[2] : 0;
    if (next == 's' || next == 't' || next == 'm' || next == 'd') return 2;
    if ((next == 'l' && last == 'l') || ((next == 'r' || next == 'v') && last == 'e')) return 3;
  }
  return run_from(0);
}

// Place and size of the token that is exactly these bytes; size 0 without one.
Vocabulary::Found token_of(std::span<const uint8_t> bytes, const Vocabulary& vocabulary) {
  uint32_t node = Vocabulary::kRoot;
  for (uint8_t byte : bytes)
    if ((node = vocabulary.child(node, byte)) == Vocabulary::kNone) return {0, 0};
  const Vocabulary::Node& n = vocabulary.node(node);
  return {n.begin, n.token ? uint32_t(bytes.size()) : 0};
}

std::vector<Guess> merged(std::span<const uint8_t> piece, const Vocabulary& vocabulary) {
  std::vector<size_t> ends;  // of the parts
  for (size_t i = 0; i < piece.size(); ++i) ends.push_back(i + 1);
  const auto id_of = [&](size_t begin, size_t end) {
    const auto [place, size] = token_of(piece.subspan(begin, end - begin), vocabulary);
    return size ? vocabulary.order()[place] : ~uint32_t(0);
  };
  for (;;) {
    uint32_t best = ~uint32_t(0);
    size_t at = 0;
    for (size_t i = 0; i + 1 < ends.size(); ++i) {
      const uint32_t id = id_of(i ? ends[i - 1] : 0, ends[i + 1]);
      if (id < best) {
        best = id;
        at = i;
      }
    }
    if (best == ~uint32_t(0)) break;
    ends.erase(ends.begin() + std::ptrdiff_t(at));
  }
  std::vector<Guess> tokens;
  size_t begin = 0;
  for (size_t end : ends) {
    tokens.push_back({id_of(begin, end), uint32_t(end - begin)});
    begin = end;
  }
  return tokens;
}

}  // namespace

std::vector<Guess> guess_tokens(std::span<const uint8_t> text, size_t most, const Vocabulary& vocabulary) {
  std::vector<Guess> tokens;
  while (!text.empty() && tokens.size() < most) {
    const size_t size = piece_size(text);
    for (const Guess& token : merged(text.first(size), vocabulary)) {
      if (token.id == ~uint32_t(0) || tokens.size() == most) return tokens;
      tokens.push_back(token);
    }
    text = text.subspan(size);
  }
  return tokens;
}

}  // namespace nzip
