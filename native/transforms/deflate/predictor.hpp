// Which token an encoder would take next, given the content and what it took before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "transforms/deflate/least_length.hpp"
#include "transforms/deflate/parameters.hpp"
#include "transforms/deflate/search.hpp"
#include "transforms/deflate/symbols.hpp"

namespace nzip::deflate {

class Predictor {
 public:
  // The content, of less than 2^32 bytes, must live as long. What stands before the start is never seen.
  Predictor(std::span<const uint8_t> content, const Parameters& parameters, size_t start = 0);

  size_t position() const { return position_; }
  size_t left() const { return content_.size() - position_; }
  std::span<const uint8_t> content() const { return content_; }

  // To be called once at each position where a token begins, before it is passed.
  Token predict();
  // What was found at the position; a literal where that is nothing. It may differ from what is predicted, for the
  // next position may have more.
  Token found() const { return found_; }

  // To be called where a block begins.
  void begin_block();

  // Goes on behind a token, or stored bytes.
  void pass(Token token);
  void pass_stored(size_t size);

  // A match at the position, after predict(): how many places before its own have one as long. -1: it is not among
  // those that are looked at.
  int places_before(Token token) const;
  // The other way round: the distance of that match; 0 where there is none.
  uint32_t distance_of(uint32_t length, uint32_t places_before) const;

 private:
  Token first_search();
  Token search(size_t at, uint32_t longer_than, uint32_t places);
  Token search_run(size_t at) const;
  Token predict_lazy();
  Token predict_gain();
  Token predict_moved();
  void know_match(Token token);
  void expect(size_t at, Token ahead);

  std::span<const uint8_t> content_;
  const Parameters parameters_;
  Search search_;
  size_t position_;
  Token found_;
  std::optional<LeastLength> by_literals_;
  size_t block_ = 0;  // where it begins
  uint32_t least_;
  Token ahead_;  // what was found at ahead_at_, up to which there are literals
  size_t ahead_at_ = SIZE_MAX;
};

// Where an encoder ends blocks, given the tokens so far.
class BlockEnd {
 public:
  explicit BlockEnd(const Parameters& parameters) : parameters_(parameters) {}

  // Adds a token that begins so many bytes behind the block's start; whether the block ends with it.
  bool add(Token token, size_t before);

 private:
  const Parameters& parameters_;
  uint32_t tokens_ = 0, matches_ = 0;
  uint64_t match_bits_ = 0;
};

}  // namespace nzip::deflate
