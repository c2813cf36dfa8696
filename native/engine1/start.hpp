// The trained state that an engine may start from, as a profile file's payload holds it: weights of 8 bits, in steps of
// 1/64, and all else in 16, little-endian.
// Reader and writer have the same functions, so that what visits the state once serves both.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine1/adaptive.hpp"
#include "engine1/mixer.hpp"

namespace nzip::engine1::NZIP_ISA {

constexpr int kStep = 21;       // log2 of a stored weight's step: 1/64 of 2^27, costs 0.05 % and packs well
constexpr int kFinalStep = 15;  // of a final weight's, of which there are few

class StartWriter {
 public:
  void weight(int32_t& w) { bytes.push_back(uint8_t(clamp((w + (1 << kStep >> 1)) >> kStep, 127))); }
  void final_weight(int32_t& w) { put(uint32_t((w + (1 << kFinalStep >> 1)) >> kFinalStep)); }
  void rate(int32_t& r) { put(uint32_t(r >> 8)); }
  void bit(AdaptiveBit& b) {
    put(b.p16());
    put(b.count());
  }
  std::vector<uint8_t> bytes;

 private:
  void put(uint32_t v) {
    bytes.push_back(uint8_t(v));
    bytes.push_back(uint8_t(v >> 8));
  }
};

// The bytes are as many as the state takes.
class StartReader {
 public:
  explicit StartReader(std::span<const uint8_t> bytes) : at_(bytes.data()) {}
  void weight(int32_t& w) { w = int8_t(*at_++) << kStep; }
  void final_weight(int32_t& w) { w = clamp(int16_t(take()), kFinalMax >> kFinalStep) * (1 << kFinalStep); }
  void rate(int32_t& r) { r = bounded(take(), kRateLeast, kRateMost) << 8; }
  void bit(AdaptiveBit& b) {
    const uint32_t p = take();
    b.set(p, uint32_t(bounded(take(), 0, kCountMost)));
  }

 private:
  // A file's own statistics soon outweigh the trained ones.
  static constexpr int kRateLeast = 800, kRateMost = 2000, kCountMost = 255;
  static int bounded(uint32_t v, int low, int high) { return int(v) < low ? low : int(v) > high ? high : int(v); }
  uint32_t take() {
    const uint32_t v = uint32_t(at_[0] | at_[1] << 8);
    at_ += 2;
    return v;
  }

  const uint8_t* at_;
};

// Counts the bytes that a writer would write.
class StartMeter {
 public:
  void weight(int32_t&) { bytes += 1; }
  void final_weight(int32_t&) { bytes += 2; }
  void rate(int32_t&) { bytes += 2; }
  void bit(AdaptiveBit&) { bytes += 4; }
  size_t bytes = 0;
};

}  // namespace nzip::engine1::NZIP_ISA
