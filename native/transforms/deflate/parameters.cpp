#include "transforms/deflate/parameters.hpp"

namespace nzip::deflate {
namespace {

// Numbers of presets: levels of zlib, these with blocks that end by gain, these with hashes of four bytes, and levels
// of zlib-ng, one behind the other. Or the parameters themselves.
constexpr uint8_t kExplicit = 0, kMostPreset = 3 * kLevels + kNgLevels;

// The numbers in the order in which they are written, two bytes each.
template <class P, class Visit>
void each_number(P& p, Visit visit) {
  for (auto* number :
       {&p.chain, &p.good, &p.nice, &p.lazy, &p.least, &p.max_distance, &p.max_distance_3, &p.block_tokens})
    visit(*number);
}

std::optional<Parameters> preset(uint8_t number) {
  if (number < 1 || number > kMostPreset) return std::nullopt;
  if (number > 3 * kLevels) return zlib_ng_level(number - 3 * kLevels);
  Parameters p = zlib_level((number - 1) % kLevels + 1);
  if (number > 2 * kLevels) {
    p.hash = Parameters::kOfFour;
    p.hash_bits = 16;
  } else if (number > kLevels) {
    p.split = Parameters::kByGain;
    p.block_tokens = 32767;
  }
  return p;
}

uint8_t number_of(const Parameters& parameters) {
  for (uint8_t number = 1; number <= kMostPreset; ++number)
    if (preset(number) == parameters) return number;
  return kExplicit;
}

}  // namespace

bool Parameters::valid() const {
  return parse <= kMoved && split <= kByGain && hash <= kOfFourOnly && hash_bits >= 8 && hash_bits <= 16 &&
         chain >= 1 && (least >= kMinMatch || least == 0) && max_distance >= 1 && max_distance <= kMaxDistance;
}

Parameters zlib_level(int level) {
  struct Row {
    uint16_t good, lazy, nice, chain;
  };
  static constexpr Row kRows[kLevels] = {{4, 4, 8, 4},      {4, 5, 16, 8},        {4, 6, 32, 32},
                                         {4, 4, 16, 16},    {8, 16, 32, 32},      {8, 16, 128, 128},
                                         {8, 32, 128, 256}, {32, 128, 258, 1024}, {32, 258, 258, 4096}};
  const Row& row = kRows[level - 1];
  Parameters p;
  p.parse = level < 4 ? Parameters::kGreedy : Parameters::kLazy;
  if (level < 4) p.max_distance_3 = kMaxDistance;
  p.good = row.good;
  p.lazy = row.lazy;
  p.nice = row.nice;
  p.chain = row.chain;
  return p;
}

Parameters zlib_ng_level(int level) {
  struct Row {
    Parameters::Parse parse;
    uint16_t chain, nice, lazy;
  };
  static constexpr Row kRows[kNgLevels] = {{Parameters::kGreedy, 1, kMaxMatch, 0}, {Parameters::kGreedy, 4, 8, 4},
                                           {Parameters::kGreedy, 6, 16, 96},       {Parameters::kGreedy, 24, 32, 192},
                                           {Parameters::kMoved, 32, 32, 256},      {Parameters::kMoved, 128, 128, 256}};
  const Row& row = kRows[level - 1];
  Parameters p;
  p.parse = row.parse;
  p.hash = Parameters::kOfFour;
  p.hash_bits = 16;
  p.first_byte = level == 1;
  p.chain = row.chain;
  p.good = level == 1;
  p.nice = row.nice;
  p.lazy = row.lazy;
  p.least = 4;
  return p;
}

bool has_number(const Parameters& parameters) { return number_of(parameters) != kExplicit; }

void write(const Parameters& parameters, std::vector<uint8_t>& out) {
  if (const uint8_t number = number_of(parameters); number != kExplicit) {
    out.push_back(number);
    return;
  }
  out.insert(out.end(), {kExplicit, parameters.parse, parameters.split, parameters.hash, parameters.hash_bits,
                         uint8_t(parameters.first_byte)});
  each_number(parameters, [&](uint16_t number) {
    out.push_back(uint8_t(number));
    out.push_back(uint8_t(number >> 8));
  });
}

std::optional<Parameters> read(std::span<const uint8_t>& data) {
  if (data.empty()) return std::nullopt;
  const uint8_t first = data[0];
  data = data.subspan(1);
  if (first != kExplicit) return preset(first);
  constexpr size_t kBytes = 5 + 2 * 8;
  if (data.size() < kBytes) return std::nullopt;
  Parameters p;
  p.parse = Parameters::Parse(data[0]);
  p.split = Parameters::Split(data[1]);
  p.hash = Parameters::Hash(data[2]);
  p.hash_bits = data[3];
  p.first_byte = data[4] != 0;
  size_t at = 5;
  each_number(p, [&](uint16_t& number) {
    number = uint16_t(data[at] | data[at + 1] << 8);
    at += 2;
  });
  data = data.subspan(kBytes);
  if (!p.valid()) return std::nullopt;
  return p;
}

}  // namespace nzip::deflate
