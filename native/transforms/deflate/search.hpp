// Searches for the bytes at a position among those before it, as encoders search.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "transforms/deflate/chain.hpp"
#include "transforms/deflate/parameters.hpp"
#include "transforms/deflate/symbols.hpp"

namespace nzip::deflate {

class Search {
 public:
  // The content must live as long. What stands before the start is never seen.
  Search(std::span<const uint8_t> content, const Parameters& parameters, size_t start);

  // All up to there become known.
  void know(size_t end) {
    if (end + (knows_all_ ? kMaxMatch : 0) > next_) insert(end);
  }
  // Positions before this one that are not known never will be. Nothing is found there.
  void skip(size_t to) {
    for (; next_ < to; ++next_) main_.leave_out(next_);
  }

  // The match at a position up to the last known one that an encoder finds; a literal where that is none.
  Token longest(size_t at, uint32_t longer_than, uint32_t places) const;

  // The bytes that are the same at both, `most` of them at most.
  uint32_t match_length(size_t at, size_t before, uint32_t most) const;

  // Calls visit with each place that has a match as long as that at a position up to the last known one, the nearest
  // first, until it returns false.
  template <class Visit>
  void each_place(size_t at, uint32_t length, Visit visit) const {
    if (main_.empty() || at >= hashable_ || main_.leaves_out(at) || content_.size() - at < length) return;
    const Chain::Links links = (length == kMinMatch && !three_.empty() ? three_ : main_).links();
    const auto here = ptrdiff_t(at), lowest = std::max(floor_, here - ptrdiff_t(kMaxDistance));
    ptrdiff_t place = here;
    for (int places = kMostPlaces; places > 0; --places) {
      place -= links[place];
      if (place < lowest) return;
      if (match_length(at, size_t(place), length) == length && !visit(size_t(place))) return;
    }
  }

 private:
  static constexpr int kMostPlaces = 4096;  // for what was not predicted

  // A position that is searched for.
  struct Here {
    ptrdiff_t at;
    ptrdiff_t first, next;  // where the first place may be at least, and the others
    uint32_t places, most, nice;
  };

  void insert(size_t end);
  template <Parameters::Hash hash, bool has_longer>
  void insert_by(size_t end);
  template <Parameters::Hash hash, bool has_longer, class Read>
  void insert_by(size_t end, Read read);
  Token last_of_three(size_t at) const;
  [[gnu::always_inline]] inline Token among_all(const Here& here, ptrdiff_t place, uint32_t enough, Token best) const;
  [[gnu::always_inline]] inline bool among_longer(const Here& here, Token& best) const;
  uint32_t rarest(ptrdiff_t at, uint32_t count) const;
  uint32_t steps(ptrdiff_t at, ptrdiff_t place) const;

  std::span<const uint8_t> content_;
  const Parameters parameters_;
  const bool knows_all_;
  const size_t hashable_;          // positions below it have enough bytes behind them
  const ptrdiff_t floor_;          // the first position that is ever found
  const ptrdiff_t further_least_;  // how much nearer than the farthest all but the first place must be
  size_t next_;                    // that is not known yet
  size_t base_;                    // of the chains
  Chain main_, three_;
  Chain longer_;                   // by more bytes, so that long matches are found at once
  std::vector<uint16_t> numbers_;  // of positions in their main chain
};

}  // namespace nzip::deflate
