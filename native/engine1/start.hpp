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

// What a file starts with learns fast, so that its own statistics soon outweigh the trained ones.
constexpr int bounded(int v, int low, int high) { return v < low ? low : v > high ? high : v; }
constexpr int32_t start_rate(int stored) { return bounded(stored, 800, 2000) << 8; }
constexpr uint32_t start_count(int stored) { return uint32_t(bounded(stored, 0, 255)); }

class StartWriter {
 public:
  void weight(int32_t& w) { written.push_back(uint8_t(clamp((w + (1 << kStep >> 1)) >> kStep, 127))); }
  void final_weight(int32_t& w) { put(uint32_t((w + (1 << kFinalStep >> 1)) >> kFinalStep)); }
  void rate(int32_t& r) { put(uint32_t(r >> 8)); }
  void bit(AdaptiveBit& b) {
    put(b.p16());
    put(b.count());
  }
  std::vector<uint8_t> written;

 private:
  void put(uint32_t v) {
    written.push_back(uint8_t(v));
    written.push_back(uint8_t(v >> 8));
  }
};

// The bytes are as many as the state takes.
class StartReader {
 public:
  explicit StartReader(std::span<const uint8_t> bytes) : at_(bytes.data()) {}
  void weight(int32_t& w) { w = int8_t(*at_++) << kStep; }
  void final_weight(int32_t& w) { w = clamp(int16_t(take()), kFinalMax >> kFinalStep) * (1 << kFinalStep); }
  void rate(int32_t& r) { r = start_rate(int(take())); }
  void bit(AdaptiveBit& b) {
    const uint32_t p = take();
    b.set(p, start_count(int(take())));
  }

 private:
  uint32_t take() {
    const uint32_t v = uint32_t(at_[0] | at_[1] << 8);
    at_ += 2;
    return v;
  }

  const uint8_t* at_;
};

// The same state while it is trained, in whole numbers of 32 bits: weights are not rounded, so that small steps add up
// from document to document, and states can be averaged.
class StateWriter {
 public:
  void weight(int32_t& w) { written.push_back(w); }
  void final_weight(int32_t& w) { written.push_back(w); }
  void rate(int32_t& r) { written.push_back(r >> 8); }
  void bit(AdaptiveBit& b) {
    written.push_back(int32_t(b.p16()));
    written.push_back(int32_t(b.count()));
  }
  std::vector<int32_t> written;
};

// The values are as many as the state has.
class StateReader {
 public:
  explicit StateReader(std::span<const int32_t> values) : at_(values.data()) {}
  void weight(int32_t& w) { w = clamp(*at_++, 127 << kStep); }
  void final_weight(int32_t& w) { w = clamp(*at_++, kFinalMax); }
  void rate(int32_t& r) { r = start_rate(*at_++); }
  void bit(AdaptiveBit& b) {
    const int p = *at_++;
    b.set(uint32_t(bounded(p, 0, 65535)), start_count(*at_++));
  }

 private:
  const int32_t* at_;
};

// Counts the values of a state, and the bytes of a start.
class StartMeter {
 public:
  void weight(int32_t&) { add(1, 1); }
  void final_weight(int32_t&) { add(1, 2); }
  void rate(int32_t&) { add(1, 2); }
  void bit(AdaptiveBit&) { add(2, 4); }
  size_t values = 0, bytes = 0;

 private:
  void add(size_t more_values, size_t more_bytes) { values += more_values, bytes += more_bytes; }
};

}  // namespace nzip::engine1::NZIP_ISA
