#include "detect/similarity.hpp"

#include <algorithm>

namespace nzip {
namespace {

constexpr size_t kShingle = 6;  // bytes
constexpr int kSampleBits = 2;  // of the shingles one in 2^2 counts
constexpr uint64_t kShingleHash = 0x9E3779B97F4A7C15ull, kSlotHash = 0xD6E8FEB86659FD93ull;

int in_common(const Sketch& a, const Sketch& b) {
  int count = 0;
  for (int i = 0; i < kSketchSlots; ++i) count += a[i] == b[i];
  return count;
}

}  // namespace

Sketch sketch_of(std::span<const uint8_t> head) {
  if (head.size() < kShingle) return {};
  std::vector<uint64_t> hashes;
  uint64_t shingle = 0;
  for (size_t at = 0; at < head.size(); ++at) {
    shingle = shingle >> 8 | uint64_t(head[at]) << 8 * (kShingle - 1);
    if (at + 1 < kShingle) continue;
    const uint64_t hash = shingle * kShingleHash;
    hashes.push_back(hash ^ hash >> 32);
  }
  const auto counts = [](uint64_t hash) { return hash >> (64 - kSampleBits) == 0; };
  if (std::ranges::any_of(hashes, counts)) std::erase_if(hashes, [&](uint64_t hash) { return !counts(hash); });
  Sketch sketch;
  for (uint64_t i = 0; i < kSketchSlots; ++i) {
    uint64_t least = UINT64_MAX;
    for (uint64_t hash : hashes) least = std::min(least, hash * (kSlotHash * (2 * i + 1)) >> 20);
    sketch[i] = uint16_t(least);
  }
  return sketch;
}

std::vector<uint32_t> chain(std::span<const Sketch> sketches) {
  std::vector<uint32_t> order, left;
  for (uint32_t i = 0; i < sketches.size(); ++i) left.push_back(i);
  for (uint32_t current = 0; !left.empty();) {
    order.push_back(current);
    std::erase(left, current);
    int most = -1;
    const Sketch& last = sketches[current];
    for (uint32_t i : left)
      if (const int common = in_common(sketches[i], last); common > most) most = common, current = i;
  }
  return order;
}

}  // namespace nzip
