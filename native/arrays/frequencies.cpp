#include "arrays/frequencies.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

namespace nzip::arrays {
namespace {

constexpr int kFraction = 16, kTableLog2 = 12;

// The binary logarithm of 1 to 2, in 2^-16, by squaring: one more bit with each.
constexpr uint32_t log2_fraction(uint32_t mantissa) {  // 1.x with 31 bits behind the point
  uint64_t x = mantissa;
  uint32_t bits = 0;
  for (int i = 0; i < kFraction; ++i) {
    x = x * x >> 31;
    bits <<= 1;
    if (x >> 32) x >>= 1, bits |= 1;
  }
  return bits;
}

struct Logarithms {
  std::array<uint32_t, 1 << kTableLog2> table;
  Logarithms() {
    for (uint32_t i = 0; i < table.size(); ++i) table[i] = log2_fraction((1u << 31) + (i << (31 - kTableLog2)));
  }
};

// log2(n) in 2^-16 bits, of the first 13 bits of n.
uint64_t log2_of(uint64_t n) {
  static const Logarithms logarithms;
  const int bits = std::bit_width(n) - 1;
  const uint64_t top = bits > kTableLog2 ? n >> (bits - kTableLog2) : n << (kTableLog2 - bits);
  return (uint64_t(bits) << kFraction) + logarithms.table[top & ((1u << kTableLog2) - 1)];
}

}  // namespace

Frequencies frequencies_of(const Counts& counts) {
  const uint64_t total = std::accumulate(counts.begin(), counts.end(), uint64_t(0));
  Frequencies frequencies{};
  uint32_t sum = 0;
  for (size_t s = 0; s < 256; ++s) {
    if (counts[s] == 0) continue;
    const uint64_t rounded = (uint64_t(counts[s]) * kScaleTotal + total / 2) / total;
    frequencies[s] = uint16_t(std::max<uint64_t>(1, rounded));
    sum += frequencies[s];
  }
  // Those who have most give, or take, what is over.
  while (sum != kScaleTotal) {
    uint16_t& most = *std::max_element(frequencies.begin(), frequencies.end());
    if (sum < kScaleTotal) {
      most = uint16_t(most + kScaleTotal - sum);
      break;
    }
    const uint32_t given = std::min<uint32_t>(sum - kScaleTotal, std::max(1, most / 16));
    most = uint16_t(most - given);
    sum -= given;
  }
  return frequencies;
}

void write(const Frequencies& frequencies, BitWriter& out) {
  const auto occurs = [](uint16_t f) { return f != 0; };
  const auto first = std::find_if(frequencies.begin(), frequencies.end(), occurs);
  const auto last = std::find_if(frequencies.rbegin(), frequencies.rend(), occurs).base() - 1;
  out.put(uint32_t(first - frequencies.begin()), 8);
  out.put(uint32_t(last - frequencies.begin()), 8);
  int before = 0;
  for (auto f = first; f != last; ++f) {  // the last one has what is left
    const int change = int(*f) - before;
    out.put_gamma(uint32_t(change < 0 ? -2 * change : 2 * change + 1));
    before = *f;
  }
}

Frequencies read_frequencies(Reader& in) {
  const auto byte = [&in] {
    uint32_t value = 0;
    for (int i = 0; i < 8; ++i) value |= in.bit() << i;
    return value;
  };
  const uint32_t first = byte(), last = byte();
  Frequencies frequencies{};
  int before = 0;
  int left = kScaleTotal;
  for (uint32_t s = first; s < last; ++s) {
    const uint32_t coded = in.gamma(kScaleLog2 + 1);
    before += coded & 1 ? int(coded / 2) : -int(coded / 2);
    left -= before;
    if (before < 0 || left < 0) throw Damaged("its frequencies do not sum up");
    frequencies[s] = uint16_t(before);
  }
  if (first > last || left == 0) throw Damaged("its frequencies do not sum up");
  frequencies[last] = uint16_t(left);
  return frequencies;
}

uint64_t entropy(const Counts& counts) {
  uint64_t total = 0, sum = 0;
  for (const uint32_t n : counts) {
    if (n == 0) continue;
    total += n;
    sum += n * log2_of(n);
  }
  return total == 0 ? 0 : total * log2_of(total) - std::min(sum, total * log2_of(total));
}

uint64_t cost(const Counts& counts, const Frequencies& frequencies) {
  uint64_t sum = 0;
  for (size_t s = 0; s < 256; ++s)
    if (counts[s] != 0) sum += counts[s] * ((uint64_t(kScaleLog2) << kFraction) - log2_of(frequencies[s]));
  return sum;
}

}  // namespace nzip::arrays
