#include "cm/engine.hpp"

#include <cstring>
#include <vector>

namespace nzip {
namespace {
// PLACEHOLDER engine while the real one is being written: order-1 direct context.
class Tiny final : public Engine {
 public:
  Tiny() : p_(65536, 2048) {}
  size_t encode(std::span<const uint8_t> plain, uint32_t, std::span<const Segment>, std::span<uint8_t> out) override {
    size_t n = 0;
    uint32_t x1 = 0, x2 = ~0u;
    for (uint8_t c : plain) {
      int node = 1;
      for (int b = 7; b >= 0; --b) {
        int y = c >> b & 1;
        uint16_t& p = p_[c1_ << 8 | node];
        uint32_t mid = x1 + uint32_t((uint64_t(x2 - x1) * p) >> 12);
        if (y) x2 = mid, p += (4095 - p) >> 4; else x1 = mid + 1, p -= p >> 4;
        node = node << 1 | y;
        while (!((x1 ^ x2) >> 24)) {
          if (n >= out.size()) return out.size() + 1;
          out[n++] = x2 >> 24; x1 <<= 8; x2 = x2 << 8 | 255;
        }
      }
      c1_ = c;
    }
    for (int i = 0; i < 4; ++i) { if (n >= out.size()) return out.size() + 1; out[n++] = x1 >> 24; x1 <<= 8; }
    return n;
  }
  bool decode(std::span<const uint8_t> in, uint32_t, std::span<const Segment>, std::span<uint8_t> plain) override {
    size_t n = 0;
    uint32_t x1 = 0, x2 = ~0u, x = 0;
    auto next = [&]() -> uint32_t { ++n; return n <= in.size() ? in[n - 1] : 0; };
    for (int i = 0; i < 4; ++i) x = x << 8 | next();
    for (uint8_t& c : plain) {
      int node = 1;
      for (int b = 7; b >= 0; --b) {
        uint16_t& p = p_[c1_ << 8 | node];
        uint32_t mid = x1 + uint32_t((uint64_t(x2 - x1) * p) >> 12);
        int y = x <= mid;
        if (y) x2 = mid, p += (4095 - p) >> 4; else x1 = mid + 1, p -= p >> 4;
        node = node << 1 | y;
        while (!((x1 ^ x2) >> 24)) { x1 <<= 8; x2 = x2 << 8 | 255; x = x << 8 | next(); }
      }
      c1_ = c = uint8_t(node);
      if (n > in.size() + 16) return false;
    }
    return true;
  }
 private:
  std::vector<uint16_t> p_;
  uint8_t c1_ = 0;
};
}  // namespace
bool profile_exists(int profile) { return profile == 1 || profile == 2 || profile == 3; }
std::unique_ptr<Engine> make_engine(int, int) { return std::make_unique<Tiny>(); }
uint64_t engine_memory(int, int table_log2, uint64_t run_bytes, uint32_t) {
  return (uint64_t(1) << table_log2) + run_bytes + (1 << 20);
}
const char* simd_name() { return "scalar"; }
}  // namespace nzip
