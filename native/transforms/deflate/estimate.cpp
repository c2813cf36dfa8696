#include "transforms/deflate/estimate.hpp"

#include <algorithm>
#include <bit>
#include <optional>
#include <vector>

#include "transforms/deflate/predictor.hpp"

namespace nzip::deflate {
namespace {

constexpr size_t kWindows = 4, kWindow = size_t(1) << 14;  // of the content, on which candidates are compared
constexpr size_t kSamples[] = {1 << 10, 1 << 12};          // smaller ones, on which those are found that are worth it
constexpr size_t kLeftOf[] = {12, 4};                      // that are compared on what comes next
constexpr size_t kWrong = 5, kOtherLength = 4, kOtherPlace = 3, kFarther = 14;  // bits, about
constexpr size_t kWritten = 168;                                                // bits of parameters without a number
constexpr uint32_t kLookahead = 262;  // of its window zlib keeps so many bytes for what comes
constexpr size_t kMany = 256;         // matches, which would have been longer ones
constexpr size_t kSurely = 4;         // a content of so many windows would have used a larger one

// What is to be seen of the tokens without predicting any.
struct Seen {
  size_t matches = 0;
  uint32_t shortest = kMaxMatch, farthest = 0, farthest_3 = 0;
  bool first_byte = false;
};

Seen look(const Parsed& stream) {
  Seen seen;
  size_t at = 0;
  for (const Block& block : stream.blocks) {
    at += block.stored;
    for (const Token token : block.tokens) {
      if (!token.is_literal()) {
        ++seen.matches;
        seen.shortest = std::min<uint32_t>(seen.shortest, token.length);
        seen.farthest = std::max<uint32_t>(seen.farthest, token.distance);
        if (token.length == kMinMatch) seen.farthest_3 = std::max<uint32_t>(seen.farthest_3, token.distance);
        seen.first_byte |= at == token.distance;
      }
      at += token.length;
    }
  }
  return seen;
}

// A stretch of the content in which tokens are predicted.
struct Window {
  size_t begin, end;

  size_t known() const { return begin > kMaxDistance ? begin - kMaxDistance : 0; }  // what matters to it begins here
};

std::vector<Window> windows_of(size_t size) {
  if (size <= kWindows * kWindow) return {{0, size}};
  std::vector<Window> windows;
  for (size_t i = 0; i < kWindows; ++i) {
    const size_t begin = i * ((size - kWindow) / (kWindows - 1));
    windows.push_back({begin, begin + kWindow});
  }
  return windows;
}

// About how many bits it takes to correct a prediction.
size_t cost_of(const Predictor& predictor, Token predicted, Token actual) {
  if (predicted == actual) return 0;
  if (actual.is_literal()) return kWrong;
  const size_t length = actual.length == predictor.found().length ? 0 : kOtherLength;
  const int places = predictor.places_before(actual);
  return kWrong + length + (places < 0 ? kFarther : places > 0 ? kOtherPlace : 0);
}

// What it takes to correct the predictions in the window; more than `most` is as good as any number.
size_t cost_of(const Parsed& stream, Window window, const Parameters& parameters, size_t most, const Stop& stop) {
  std::optional<Predictor> predictor;
  size_t cost = 0, at = 0;
  for (const Block& block : stream.blocks) {
    if (predictor) predictor->begin_block();
    if (predictor) predictor->pass_stored(block.stored);
    at += block.stored;
    for (const Token token : block.tokens) {
      if (at >= window.end || cost > most) return cost;
      stop.check();
      if (at >= window.known()) {
        if (!predictor) predictor.emplace(std::span<const uint8_t>(stream.content), parameters, at);
        // What is predicted may depend on the predictions before it, from the last match on.
        if (at + kMaxMatch >= window.begin) {
          const Token predicted = predictor->predict();
          if (at >= window.begin) cost += cost_of(*predictor, predicted, token);
        }
        predictor->pass(token);
      }
      at += token.length;
    }
  }
  return cost;
}

class Best {
 public:
  Best(const Parsed& stream, const Stop& stop)
      : stream_(stream), stop_(stop), windows_(windows_of(stream.content.size())) {
    size_t tried = 0;
    for (const Window window : windows_) tried += window.end - window.begin;
    written_ = kWritten * (tried + 1) / (stream.content.size() + 1);
  }

  void consider(const Parameters& parameters) {
    const size_t written = has_number(parameters) ? 0 : written_;
    size_t cost = written;
    if (cost >= cost_) return;
    for (const Window window : windows_) {
      cost += cost_of(stream_, window, parameters, cost_ - cost, stop_);
      if (cost >= cost_) return;
    }
    cost_ = cost;
    is_exact_ = cost == written;
    parameters_ = parameters;
  }

  // Of many those that are best on samples, unless one is exact.
  void consider(const std::vector<Parameters>& many) {
    const size_t size = stream_.content.size(), begin = std::min(size / 4, 2 * kWindow);
    std::vector<Candidate> candidates;
    for (const Parameters& each : many) candidates.push_back({each, 0});
    for (size_t round = 0; round < std::size(kSamples) && size > 4 * kSamples[round]; ++round) {
      const Window window{begin, begin + kSamples[round]};
      size_t most = SIZE_MAX;
      for (Candidate& each : candidates) {
        each.cost = cost_of(stream_, window, each.parameters, most, stop_);
        if (each.cost == 0 && cost_of(stream_, {begin, begin + kWindow / 2}, each.parameters, 0, stop_) == 0) {
          consider(each.parameters);
          if (is_exact()) return;
        }
        if (each.cost < most / 2) most = 2 * each.cost + kFarther;
      }
      const auto is_less = [](const Candidate& a, const Candidate& b) { return a.cost < b.cost; };
      std::stable_sort(candidates.begin(), candidates.end(), is_less);
      if (candidates.size() > kLeftOf[round]) candidates.resize(kLeftOf[round]);
    }
    for (const Candidate& each : candidates) consider(each.parameters);
  }

  const Parameters& parameters() const { return parameters_; }
  bool is_exact() const { return is_exact_; }

 private:
  struct Candidate {
    Parameters parameters;
    size_t cost;
  };

  const Parsed& stream_;
  const Stop& stop_;
  const std::vector<Window> windows_;
  size_t written_;  // what it costs that parameters have no number: their share of the windows
  Parameters parameters_;
  size_t cost_ = SIZE_MAX;
  bool is_exact_ = false;  // no prediction was wrong
};

void set_block_end(const Parsed& stream, Parameters& p) {
  size_t longest = 0, equal = 0, whole = 0, thousands = 0;
  const size_t blocks = stream.blocks.size();
  for (size_t i = 0; i + 1 < blocks; ++i) {
    const size_t tokens = stream.blocks[i].tokens.size();
    equal = tokens > longest ? 1 : equal + (tokens == longest);
    longest = std::max(longest, tokens);
    whole += tokens != 0;
    thousands += tokens != 0 && tokens % 4096 == 0;
  }
  if (whole && 2 * thousands >= whole) {
    p.split = Parameters::kByGain;
    p.block_tokens = 32767;
  } else if (longest > 64 && longest < 65536 && (equal > 1 || std::has_single_bit(longest + 1))) {
    p.block_tokens = uint16_t(longest);
    const auto log2 = std::bit_width(longest);  // of zlib's buffers: memLevel and 6; hashes have memLevel and 7
    if (std::has_single_bit(longest + 1) && log2 >= 7 && log2 <= 15) p.hash_bits = uint8_t(log2 + 1);
  }
}

// zlib's levels, and what is like them.
void add_zlib(const Seen& seen, const Parameters& common, std::vector<Parameters>& many) {
  for (const int level : {6, 9, 1, 8, 7, 5, 4, 3, 2}) {
    Parameters p = zlib_level(level);
    p.split = common.split;
    p.block_tokens = common.block_tokens;
    p.hash = common.hash;
    p.hash_bits = common.hash_bits;
    p.max_distance = common.max_distance;
    p.first_byte = common.first_byte;
    if (level > 3 && seen.farthest_3 > p.max_distance_3) p.max_distance_3 = uint16_t(kMaxDistance);
    many.push_back(p);
    if (seen.shortest > 5 && level > 3) {
      p.least = 6;
      many.push_back(p);
    }
  }
}

void add_libdeflate(const Seen& seen, const Parameters& common, std::vector<Parameters>& many) {
  struct Row {
    Parameters::Parse parse;
    uint16_t chain, nice;
  };
  static constexpr Row kRows[] = {{Parameters::kGain, 35, 65},    {Parameters::kGain2, 300, 258},
                                  {Parameters::kGain2, 600, 258}, {Parameters::kGain, 100, 130},
                                  {Parameters::kGain, 16, 30},    {Parameters::kGreedy, 16, 30},
                                  {Parameters::kGreedy, 12, 14},  {Parameters::kGreedy, 6, 10}};
  for (const Row& row : kRows) {
    Parameters p = common;
    p.parse = row.parse;
    p.chain = row.chain;
    p.nice = row.nice;
    p.hash = Parameters::kOfFourAndThree;
    p.hash_bits = 16;
    p.first_byte = true;
    p.max_distance = uint16_t(kMaxDistance - 1);
    p.max_distance_3 = row.parse == Parameters::kGreedy ? 4096 : 8192;
    p.least = 0;
    many.push_back(p);
    p.least = uint16_t(seen.shortest);
    many.push_back(p);
  }
  Parameters fastest = common;
  fastest.parse = Parameters::kGreedy;
  fastest.hash = Parameters::kOfFourOnly;
  fastest.first_byte = true;
  fastest.chain = 2;
  fastest.nice = 32;
  fastest.lazy = kMaxMatch;
  fastest.least = 4;
  fastest.max_distance = uint16_t(kMaxDistance - 1);
  many.push_back(fastest);
}

void add_zlib_ng(const Parameters& common, std::vector<Parameters>& many) {
  for (int level = kNgLevels; level >= 1; --level) {
    Parameters p = zlib_ng_level(level);
    p.split = common.split;
    p.block_tokens = common.block_tokens;
    p.max_distance = common.max_distance;
    many.push_back(p);
  }
}

// 7-Zip at its fastest.
void add_7_zip(const Parameters& common, std::vector<Parameters>& many) {
  Parameters p = common;
  p.parse = Parameters::kGreedy;
  p.hash_bits = 16;
  p.first_byte = true;
  p.chain = 32;
  p.nice = 32;
  p.lazy = kMaxMatch;
  p.max_distance = p.max_distance_3 = uint16_t(kMaxDistance);
  many.push_back(p);
}

}  // namespace

Parameters estimate(const Parsed& stream, const Stop& stop) {
  const Seen seen = look(stream);
  Parameters common;
  set_block_end(stream, common);
  if (seen.farthest > common.max_distance) common.max_distance = uint16_t(kMaxDistance);
  const uint32_t window = std::max(std::bit_ceil(seen.farthest + kLookahead), 512u);
  if (window < kMaxDistance && stream.content.size() > kSurely * window && seen.matches > kMany)
    common.max_distance = uint16_t(window - kLookahead);
  common.first_byte = seen.first_byte;

  Best best(stream, stop);
  if (seen.matches == 0) {
    best.consider(zlib_level(6));
    common.parse = Parameters::kNone;
    best.consider(common);
    return best.parameters();
  }
  if (seen.farthest == 1) {
    Parameters runs = common;
    runs.parse = Parameters::kRuns;
    best.consider(runs);
  }
  std::vector<Parameters> many;
  if (seen.shortest == kMinMatch || seen.shortest > 5 || seen.matches < kMany) {
    add_zlib(seen, common, many);
    add_7_zip(common, many);
  }
  add_libdeflate(seen, common, many);
  if (seen.shortest > kMinMatch) {
    Parameters of_four = common;
    of_four.hash = Parameters::kOfFour;
    of_four.hash_bits = 16;
    add_zlib(seen, of_four, many);
    add_zlib_ng(common, many);
  }
  best.consider(many);
  Parameters other = best.parameters();
  if (window < kMaxDistance && stream.content.size() > window) {
    other.max_distance = other.max_distance < window ? Parameters().max_distance : uint16_t(window - kLookahead);
    best.consider(other);
  }
  if (best.parameters().hash == Parameters::kOfThree && !best.is_exact())
    for (const uint8_t bits : {uint8_t(15), uint8_t(16), uint8_t(14), uint8_t(13)}) {
      other = best.parameters();
      other.hash_bits = bits;
      if (other != best.parameters()) best.consider(other);
    }
  return best.parameters();
}

}  // namespace nzip::deflate
