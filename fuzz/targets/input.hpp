// What a fuzzer hands to a target: choices from its front, and data behind them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <vector>

#include "base/stop.hpp"

namespace nzip::fuzz {

using Bytes = std::span<const uint8_t>;

class Input {
 public:
  explicit Input(Bytes data) : data_(data) {}

  size_t left() const { return data_.size(); }
  bool ended() const { return data_.empty(); }

  // 0 behind the end, as the following.
  uint8_t byte() {
    if (data_.empty()) return 0;
    const uint8_t value = data_.front();
    data_ = data_.subspan(1);
    return value;
  }
  // A little-endian number of so many bytes.
  uint64_t number(int bytes) {
    uint64_t value = 0;
    for (int i = 0; i < bytes; ++i) value |= uint64_t(byte()) << 8 * i;
    return value;
  }
  // Less than `most`, which is 2^32 at most.
  size_t below(size_t most) {
    if (most < 2) return 0;
    return number(most <= 256 ? 1 : most <= 65536 ? 2 : 4) % most;
  }
  Bytes take(size_t size) {
    const Bytes taken = data_.first(std::min(size, data_.size()));
    data_ = data_.subspan(taken.size());
    return taken;
  }
  // As many bytes as a number in front of them says.
  Bytes part() { return take(below(65536)); }
  Bytes rest() { return take(data_.size()); }

 private:
  Bytes data_;
};

inline const Stop kNever;

inline void require(bool holds, const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) {
  if (holds) return;
  std::fprintf(stderr, "%s:%u: does not hold\n", file, line);
  std::abort();
}

inline bool same(Bytes a, Bytes b) { return std::ranges::equal(a, b); }

// The bytes again and again, up to a size; zeros where there are none.
inline std::vector<uint8_t> repeated(Bytes bytes, size_t size) {
  std::vector<uint8_t> result(size);
  for (size_t i = 0; i < size && !bytes.empty(); ++i) result[i] = bytes[i % bytes.size()];
  return result;
}

// Each target's.
void run(Input input);

}  // namespace nzip::fuzz
