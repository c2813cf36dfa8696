#include "engine1/tables.hpp"

#include <cstddef>
#include <iterator>
#include <map>
#include <tuple>
#include <vector>

namespace nzip::engine1 {
namespace {

__extension__ typedef unsigned __int128 uint128;

// e^(-1/128) in 2^-64: the one transcendental constant; its powers are products rounded down.
constexpr uint64_t kExpStep = 18303190372430456779u;

void fill_squash(std::array<uint32_t, 4096>& squash) {
  // squash(x) = 1 / (1 + e^-x), x = (i - 2048) / 128.
  std::array<uint64_t, 2049> power;  // e^(-i/128) in 2^-63
  power[0] = uint64_t(1) << 63;
  for (int i = 1; i <= 2048; ++i) power[i] = uint64_t((uint128(power[i - 1]) * kExpStep) >> 64);
  for (int i = 0; i < 2048; ++i) {
    const uint128 one = uint128(1) << 63;
    const uint64_t upper = uint64_t((one << 32) / (one + power[i]));  // squash(i/128) in 2^-32, at most 2^31 for i = 0
    squash[2048 + i] = uint32_t(upper);
    squash[2048 - i] = uint32_t((uint64_t(1) << 32) - upper);
  }
  squash[0] = squash[1];
}

void fill_stretch(std::array<int16_t, 4096>& stretch, const std::array<uint32_t, 4096>& squash) {
  // The inverse of squash by search: the largest x whose squash does not exceed the middle of the p's interval.
  int x = -kInputMax;
  for (uint32_t p = 0; p < 4096; ++p) {
    const uint32_t middle = (p << 20) + (1u << 19);
    while (x < kInputMax && squash[(x + 1 + 4096) >> 1] <= middle) ++x;
    stretch[p] = int16_t(x);
  }
}

void fill_log(std::array<uint16_t, 1024>& log) {
  // log2 by squaring, one bit at a time.
  for (uint64_t i = 0; i < 1024; ++i) {
    uint64_t x = (1024 + i) << 21, bits = 0;  // x in 2^-31, 1 <= x < 2
    for (int b = 0; b < 20; ++b) {
      x = (x * x) >> 31;
      bits = bits << 1 | x >> 32;
      x >>= x >> 32;
    }
    log[i] = uint16_t((bits * kLogTwo + (1 << 19)) >> 20);
  }
}

// --- Bit histories: up to four bits exactly, then counts (n0, n1) and the last bit. ---

using History = std::tuple<int, int, int>;  // n0, n1, tag: the exact bits behind a leading 1, or the last bit

constexpr int kExact = 4;  // bits kept exactly
constexpr int kMostBeside[] = {48, 40, 16,
                               10, 7,  6};  // the larger count allowed beside a smaller count of 0, 1, 2, ...

bool allowed(int n0, int n1) {
  const int low = n0 < n1 ? n0 : n1, high = n0 < n1 ? n1 : n0;
  return low < int(std::size(kMostBeside)) && high <= kMostBeside[low];
}

// The count of the bit that was not seen: old evidence against the new bit is discounted.
int discounted(int n) { return n <= 2 ? n : n <= 3 ? 2 : n <= 5 ? 3 : n <= 9 ? 4 : n <= 17 ? 5 : 6; }

History counted(int n0, int n1, int last) {
  while (!allowed(n0, n1)) (n0 > n1 ? n0 : n1) -= 1;
  return {n0, n1, n0 == 0 || n1 == 0 ? 0 : last};
}

History after(const History& h, int y) {
  auto [n0, n1, tag] = h;
  if (n0 + n1 < kExact) return {n0 + (y == 0), n1 + (y == 1), tag * 2 + y};
  int& seen = y ? n1 : n0;
  int& other = y ? n0 : n1;
  seen += 1;
  other = discounted(other);
  return counted(n0, n1, y);
}

void fill_history(std::array<HistoryState, 256>& states, std::array<uint16_t, 256>& prior) {
  std::map<History, int> number{{History{0, 0, 1}, 0}};
  std::vector<History> order{History{0, 0, 1}};
  for (std::size_t i = 0; i < order.size(); ++i) {
    const History h = order[i];
    for (int y = 0; y < 2; ++y) {
      const auto [at, inserted] = number.emplace(after(h, y), int(order.size()));
      if (inserted) order.push_back(at->first);
      states[i].next[y] = uint8_t(at->second);
    }
    const auto [n0, n1, tag] = h;
    states[i].n0 = uint8_t(n0);
    states[i].n1 = uint8_t(n1);
    prior[i] = uint16_t((n1 * 2 + 1) * 65535 / ((n0 + n1) * 2 + 2));
    if (order.size() > 256) __builtin_trap();
  }
}

}  // namespace

Tables::Tables() {
  fill_squash(squash);
  fill_stretch(stretch, squash);
  for (int p = 0; p < 4096; ++p) opinion[p][0] = stretch[p], opinion[p][1] = int16_t((p - 2048) >> 1);
  fill_log(log);
  for (int n = 0; n < 1024; ++n) reciprocal[n] = uint16_t(655360 / (10 * n + 16));
  history = {};
  history_prior = {};
  fill_history(history, history_prior);
  for (int s = 0; s < 256; ++s) pure[s] = history[s].n0 == 0 || history[s].n1 == 0 ? -1 : 0;
}

const Tables kTables;

}  // namespace nzip::engine1
