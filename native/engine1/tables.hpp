// Fixed tables of the logistic domain and of bit histories. Built once from integer arithmetic: no libm, no floats.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace nzip::engine1 {

// Stretch domain: ln(p / (1 - p)) in 1/256 units. Inputs are held to +-2047 (8.0), outputs to +-4095 (16.0).
constexpr int kStretchOne = 256, kInputMax = 2047, kOutputMax = 4095;
constexpr int kLogTwo = 2839;  // ln 2 in 1/4096

// A bit history: what one context slot remembers of the bits seen there, in one byte. State 0 is "nothing yet".
struct HistoryState {
  uint8_t next[2];  // after a 0, after a 1
  uint8_t n0, n1;   // how often each bit was seen, approximately
};

struct Tables {
  std::array<int16_t, 4096> stretch;      // by 12-bit probability
  int16_t opinion[4096][2];               // by 12-bit probability: stretch(p) and 1/2 (p - 1/2), a history's two inputs
  std::array<uint32_t, 4096> squash;      // by (output + 4096) / 2: probability of a 1 in 2^-32, both ends excluded
  std::array<uint16_t, 1024> reciprocal;  // 65536 / (n + 1.6)
  std::array<uint16_t, 1024> log;         // ln(1 + i / 1024) in 1/4096
  std::array<HistoryState, 256> history;
  std::array<int16_t, 256> pure;            // -1 for a history of zeros alone or of ones alone, else 0
  std::array<uint16_t, 256> history_prior;  // 16-bit probability of a 1 to start an adaptive map with
  Tables();
};

extern const Tables kTables;

inline uint32_t squash32(int x) { return kTables.squash[(x + 4096) >> 1]; }
inline int squash16(int x) { return int(squash32(x) >> 16); }

// ln(x) in 1/4096, of a positive number.
inline int natural_log(uint64_t x) {
  const int exponent = std::bit_width(x) - 1;
  const uint64_t mantissa = exponent > 10 ? x >> (exponent - 10) : x << (10 - exponent);
  return exponent * kLogTwo + kTables.log[mantissa & 1023];
}

}  // namespace nzip::engine1
