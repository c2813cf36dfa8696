// What differs between a deflate stream and the prediction of it: coded when it is opened, decoded when it is closed.
#pragma once

#include <algorithm>
#include <span>

#include "base/stop.hpp"
#include "transforms/deflate/block.hpp"
#include "transforms/deflate/models.hpp"
#include "transforms/deflate/predictor.hpp"
#include "transforms/deflate/trees.hpp"

namespace nzip::deflate {

// With an encoder of bits, blocks are read; with a decoder they are filled.
template <class Coder>
class Corrections {
 public:
  Corrections(Coder& coder, std::span<const uint8_t> content, const Parameters& parameters, const Stop& stop)
      : coder_(coder), parameters_(parameters), predictor_(content, parameters), stop_(stop) {}

  // The next block. False where what was decoded is nonsense, or the encoder has no room left.
  bool block(Block& block) {
    const bool was_coded = was_coded_;
    predictor_.begin_block();
    was_coded_ = guess(block.kind != Block::kStored, is_coded_[was_coded]);
    return (was_coded_ ? coded(block) : stored(block)) && !coder_.failed();
  }

  // Whether another block comes after one that is not the final.
  bool more(bool more) { return predictor_.left() > 0 || more_.code(coder_, more) != 0; }

  bool at_end() const { return predictor_.left() == 0; }
  size_t position() const { return predictor_.position(); }

  // A number behind the last block.
  uint32_t number(uint32_t value) { return guess(value == 0, is_zero_) ? 0 : 1 + numbers_.code(coder_, value - 1); }

 private:
  bool guess(bool is_right, Bit& model) { return model.code(coder_, is_right) != 0; }

  void final(Block& block) { block.final = guess(block.final == at_end(), ends_[at_end()]) == at_end(); }

  bool stored(Block& block) {
    block.kind = Block::kStored;
    if (guess(block.stored == last_stored_, same_stored_)) {
      block.stored = last_stored_;
    } else {
      block.stored = stored_.code(coder_, block.stored);
    }
    block.padding = uint8_t(padding_.code(coder_, block.padding));
    if (block.stored > 0xffff || block.stored > predictor_.left() || block.padding > 0x7f) return false;
    last_stored_ = block.stored;
    predictor_.pass_stored(block.stored);
    final(block);
    return true;
  }

  bool coded(Block& block) {
    Counts counts;
    const size_t start = predictor_.position();
    if (!tokens(block, counts)) return false;
    final(block);
    counts.literals[kEndOfBlock] = 1;
    Codes codes;
    choose_codes(counts, codes);
    const Block::Kind kind = choose_kind(counts, codes, predictor_.position() - start);
    const bool fits = guess((block.kind == Block::kDynamic) == (kind == Block::kDynamic), is_kind_[kind]);
    block.kind = fits == (kind == Block::kDynamic) ? Block::kDynamic : Block::kFixed;
    return block.kind == Block::kFixed || this->codes(block.codes, codes);
  }

  bool tokens(Block& block, Counts& counts) {
    const bool ends_so = guess(!Coder::kDecodes && ends_as_expected(block), ends_so_);
    const size_t count = ends_so ? SIZE_MAX : tokens_.code(coder_, uint32_t(block.tokens.size()));
    if (!ends_so && count > predictor_.left()) return false;
    BlockEnd end(parameters_);
    const size_t start = predictor_.position();
    bool ends = false;
    for (size_t i = 0; i < count && (!ends_so || (!ends && predictor_.left() > 0)); ++i) {
      if (predictor_.left() == 0 || i == kMostTokens) return false;
      stop_.check();  // a prediction may look at thousands of places
      const size_t at = predictor_.position();
      const Token token = this->token(Coder::kDecodes ? Token{} : block.tokens[i]);
      if (token.length > predictor_.left() || token.distance > at || token.length == 0) return false;
      counts.add(token, predictor_.content()[at]);
      ends = end.add(token, at - start);
      predictor_.pass(token);
      if constexpr (Coder::kDecodes) block.tokens.push_back(token);
      if (i % 4096 == 0 && coder_.failed()) return false;
    }
    return true;
  }

  bool ends_as_expected(const Block& block) const {
    BlockEnd end(parameters_);
    size_t passed = 0;
    for (size_t i = 0; i < block.tokens.size(); ++i) {
      const bool ends = end.add(block.tokens[i], passed);
      passed += block.tokens[i].length;
      if (ends) return i + 1 == block.tokens.size();
    }
    return passed == predictor_.left();
  }

  // A token of no length where it is none.
  Token token(Token actual) {
    const Token predicted = predictor_.predict();
    const size_t kind = kind_of(predicted);
    const bool is_right = guess(actual == predicted, is_right_[kind][history_]);
    history_ = (history_ << 1 | is_right) & (kHistories - 1);
    if (is_right) return predicted;
    if (!predicted.is_literal() && is_literal_[kind].code(coder_, actual.is_literal())) return {};
    actual.length = uint16_t(length(actual.length));
    if (actual.length < kMinMatch || actual.length > kMaxMatch || actual.length > predictor_.left()) return {0, 1};
    actual.distance = uint16_t(distance(actual));
    return actual.distance == 0 ? Token{0, 1} : actual;
  }

  // Of a prediction: literal, or a literal before a longer match, or how long a match is.
  size_t kind_of(Token predicted) const {
    if (predicted.is_literal()) return !predictor_.found().is_literal();
    const auto length = predicted.length;
    return length < 5 ? length - 1u : length < 7 ? 4 : length < 13 ? 5 : length < 33 ? 6 : 7;
  }

  uint32_t length(uint32_t actual) {
    const Token found = predictor_.found();
    if (found.is_literal()) return kMinMatch + length_.code(coder_, actual - kMinMatch);
    const uint32_t length = found.length;
    if (guess(actual == length, same_length_)) return length;
    if (is_shorter_.code(coder_, actual < length)) return length - 1 - shorter_.code(coder_, length - 1 - actual);
    return length + 1 + longer_.code(coder_, actual - length - 1);
  }

  // 0 where there is none.
  uint32_t distance(Token actual) {
    const int places = Coder::kDecodes ? 0 : predictor_.places_before(actual);
    if (guess(places >= 0, is_near_))
      return predictor_.distance_of(actual.length, places_.code(coder_, uint32_t(places)));
    const uint32_t distance = 1 + distance_.code(coder_, actual.distance - 1u);
    return distance <= kMaxDistance ? distance : 0;
  }

  bool codes(Codes& codes, const Codes& chosen) {
    if (guess(codes == chosen, same_codes_)) {
      codes = chosen;
      return true;
    }
    codes.literals = kFirstLength + literals_.code(coder_, uint32_t(codes.literals - kFirstLength));
    codes.distances = 1 + distances_.code(coder_, uint32_t(codes.distances - 1));
    if (codes.literals > kLiteralSymbols || codes.distances > kDistanceSymbols) return false;
    for (size_t i = 0; i < codes.count(); ++i) {
      const bool is_literal = i < codes.literals;
      const size_t symbol = is_literal ? i : i - codes.literals;
      const bool is_chosen = symbol < (is_literal ? chosen.literals : chosen.distances);
      const uint8_t expected = is_chosen ? chosen.lengths[is_literal ? i : chosen.literals + symbol] : uint8_t(0);
      codes.lengths[i] = uint8_t(code_length_[expected].code(coder_, codes.lengths[i]));
    }
    return runs(codes) && run_lengths(codes);
  }

  bool runs(Codes& codes) {
    Codes chosen = codes;
    choose_runs(chosen);
    if (guess(codes.runs == chosen.runs, same_runs_)) {
      codes.runs = chosen.runs;
      return true;
    }
    size_t at = 0;
    for (size_t i = 0; at < codes.count(); ++i) {
      const Run run = this->run(Coder::kDecodes ? Run{0, 0} : codes.runs[i], codes.lengths[at]);
      if (run.count > codes.count() - at || (run.symbol == kRepeat && at == 0)) return false;
      const uint8_t length = run.symbol < kRepeat    ? run.symbol
                             : run.symbol == kRepeat ? codes.lengths[at - 1]
                                                     : uint8_t(0);
      const auto* const first = codes.lengths.data() + at;
      if (std::any_of(first, first + run.count, [&](uint8_t each) { return each != length; })) return false;
      if constexpr (Coder::kDecodes) codes.runs.push_back(run);
      at += run.count;
    }
    return true;
  }

  Run run(Run actual, uint8_t length) {
    const uint32_t kind = run_kind_.code(coder_, actual.symbol < kRepeat ? 0 : actual.symbol - kRepeat + 1u);
    if (kind == 0) return {length, 1};
    const auto symbol = uint8_t(kRepeat + kind - 1);
    const uint32_t base = run_range(symbol).base, most = base + (1u << run_range(symbol).extra) - 1;
    const uint32_t count = base + run_count_[kind - 1].code(coder_, actual.count - base);
    return {symbol, uint8_t(std::min(count, most))};
  }

  bool run_lengths(Codes& codes) {
    Codes chosen = codes;
    choose_run_lengths(chosen);
    if (guess(codes.run_codes == chosen.run_codes && codes.run_lengths == chosen.run_lengths, same_run_lengths_)) {
      codes.run_codes = chosen.run_codes;
      codes.run_lengths = chosen.run_lengths;
      return true;
    }
    codes.run_codes = 4 + run_codes_.code(coder_, uint32_t(codes.run_codes - 4));
    if (codes.run_codes > kRunSymbols) return false;
    for (size_t i = 0; i < codes.run_codes; ++i) {
      uint8_t& length = codes.run_lengths[kRunOrder[i]];
      length = uint8_t(run_length_[chosen.run_lengths[kRunOrder[i]]].code(coder_, length));
    }
    return true;
  }

  static constexpr size_t kKinds = 8, kHistories = 8;

  Coder& coder_;
  const Parameters parameters_;
  Predictor predictor_;
  const Stop& stop_;
  size_t history_ = kHistories - 1;  // whether the last predictions were right
  bool was_coded_ = true;
  uint32_t last_stored_ = 0xffff;

  std::array<Bit, 2> is_coded_ = {Bit(), Bit::likely()}, ends_ = likely_bits<2>();
  std::array<Bit, 3> is_kind_ = likely_bits<3>();
  Bit is_zero_;
  Bit more_ = Bit::likely(), same_stored_, ends_so_ = Bit::likely();
  Number stored_, padding_, tokens_, numbers_;
  std::array<std::array<Bit, kHistories>, kKinds> is_right_ = [] {
    std::array<std::array<Bit, kHistories>, kKinds> bits;
    bits.fill(likely_bits<kHistories>());
    return bits;
  }();
  std::array<Bit, kKinds> is_literal_;
  Bit same_length_, is_shorter_, is_near_ = Bit::likely();
  Number length_, shorter_, longer_, places_, distance_;
  Bit same_codes_ = Bit::likely(), same_runs_ = Bit::likely(), same_run_lengths_ = Bit::likely();
  Number literals_, distances_;
  std::array<Symbol<4>, kMaxCode + 1> code_length_;
  Symbol<2> run_kind_;
  std::array<Number, 3> run_count_;
  Number run_codes_;
  std::array<Symbol<3>, kMaxRunCode + 1> run_length_;
};

}  // namespace nzip::deflate
