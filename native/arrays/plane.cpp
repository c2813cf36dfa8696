#include "arrays/plane.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>

#include "arrays/frequencies.hpp"
#include "arrays/rans.hpp"

namespace nzip::arrays {
namespace {

// How a plane is written: its first byte.
constexpr uint8_t kRaw = 0, kConstant = 1, kCoded = 2;  // the last plus a Source

constexpr uint64_t kBit = uint64_t(1) << 16;        // of costs
constexpr size_t kLeastBytes = 512;                 // fewer are not worth 128 bytes of states, and tables
constexpr size_t kSamples = 4;                      // stretches of a plane on which the contexts are chosen,
constexpr size_t kFewSteps = 64, kMoreSteps = 128;  // of so many steps
constexpr uint64_t kNoise = 7 * kBit + kBit / 2;    // for a byte: from here on its neighbours tell nothing
// How far away the numbers may be that are like a number: in its row, or in the rows before it.
constexpr size_t kDistances[] = {1, 2, 3, 4, 8, 16, 32, 64, 128, 256, 384, 512, 768, 1024, 2048, 4096};

using ClassCounts = std::vector<Counts>;

struct Stretch {
  size_t first, steps;
};

std::vector<Stretch> stretches(size_t steps, size_t each) {
  if (steps <= kSamples * each) return {{0, steps}};
  std::vector<Stretch> all;
  for (size_t i = 0; i < kSamples; ++i) all.push_back({(steps - each) * (i + 1) / kSamples, each});
  return all;
}

// Bounds that make classes about as large as one another, of contexts by value.
std::vector<uint8_t> even_bounds(const Counts& contexts) {
  const uint64_t total = std::accumulate(contexts.begin(), contexts.end(), uint64_t(0));
  std::vector<uint8_t> bounds;
  uint64_t before = contexts[0], part = 1;
  for (size_t value = 1; value < 256 && bounds.size() + 1 < kMostClasses; ++value) {
    if (contexts[value] != 0 && before * kMostClasses >= part * total) {
      bounds.push_back(uint8_t(value));
      part = before * kMostClasses / total + 1;
    }
    before += contexts[value];
  }
  return bounds;
}

using ClassOf = std::array<uint8_t, 256>;  // by context

ClassOf class_table(std::span<const uint8_t> bounds) {
  ClassOf classes;
  for (size_t value = 0; value < 256; ++value)
    classes[value] = uint8_t(std::upper_bound(bounds.begin(), bounds.end(), value) - bounds.begin());
  return classes;
}

void count(std::span<const uint8_t> bytes, std::span<const uint8_t> contexts, const ClassOf& classes,
           ClassCounts& counts) {
  // Two tables, for a count that was just written is not there to be read at once.
  ClassCounts odd(counts.size());
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
    ++counts[classes[contexts[i]]][bytes[i]];
    ++odd[classes[contexts[i + 1]]][bytes[i + 1]];
  }
  for (size_t c = 0; c < counts.size(); ++c)
    std::transform(counts[c].begin(), counts[c].end(), odd[c].begin(), counts[c].begin(), std::plus<>());
}

// In kBit, what a sample takes: what its counts say, and half a bit of their logarithm for each that was fitted to so
// few (Miller: Note on the bias of information estimates, 1955); and the tables' share.
uint64_t sample_cost(const ClassCounts& counts, size_t sampled, size_t bytes) {
  uint64_t bits = 0, distinct = 0;
  for (const Counts& each : counts) {
    bits += entropy(each);
    distinct += uint64_t(std::count_if(each.begin(), each.end(), [](uint32_t n) { return n != 0; }));
  }
  return bits + distinct * (kBit * 3 / 4) + distinct * 5 * kBit * sampled / bytes;
}

struct Choice {
  Contexts contexts;
  uint64_t cost;  // of a byte
};

std::optional<Choice> tried(std::span<const uint8_t> plane, Contexts contexts, std::span<const Stretch> sample) {
  size_t size = 0;
  for (const Stretch& each : sample) size += each.steps * kLanes;
  std::vector<uint8_t> found(size);
  const auto each_stretch = [&](auto call) {
    for (size_t at = 0; const auto& [first, steps] : sample) {
      call(first, std::span(found).subspan(at, steps * kLanes));
      at += steps * kLanes;
    }
  };
  if (contexts.source != Source::kNone) {
    each_stretch([&](size_t first, auto out) { find_contexts(plane, contexts, first, out); });
    Counts values{};
    for (const uint8_t value : found) ++values[value];
    contexts.bounds = even_bounds(values);
    if (contexts.bounds.empty()) return std::nullopt;
  }
  ClassCounts counts(contexts.classes());
  const ClassOf classes = class_table(contexts.bounds);
  each_stretch([&](size_t first, auto in) { count(plane.subspan(first * kLanes, in.size()), in, classes, counts); });
  return Choice{contexts, sample_cost(counts, size, plane.size()) / size};
}

// The contexts in which a sample takes least.
Choice choose(std::span<const uint8_t> plane, const Beside& beside) {
  const size_t steps = plane.size() / kLanes;
  const auto more = stretches(steps, kMoreSteps), few = stretches(steps, kFewSteps);
  Choice best = *tried(plane, {}, more);
  const auto consider = [&best](std::optional<Choice> other) {
    if (other && other->cost < best.cost) best = *other;
  };
  if (best.cost < kNoise) {
    std::optional<Choice> nearest;
    for (const size_t distance : kDistances) {
      if (distance * 8 > steps) break;
      const auto other = tried(plane, {Source::kOwn, nullptr, distance}, few);
      if (other && (!nearest || other->cost < nearest->cost)) nearest = other;
    }
    if (nearest) consider(tried(plane, nearest->contexts, more));
  }
  if (!beside.above.empty()) consider(tried(plane, {Source::kAbove, beside.above.data()}, more));
  if (!beside.earlier.empty()) consider(tried(plane, {Source::kEarlier, beside.earlier.data()}, more));
  return best;
}

size_t table_bits(const Frequencies& frequencies) {
  std::vector<uint8_t> bytes;
  BitWriter writer(bytes);
  write(frequencies, writer);
  return bytes.size() * 8 + 4;
}

// Classes that pay their tables: neighbours are joined while that saves most.
struct Joined {
  std::vector<uint8_t> bounds;
  ClassCounts counts;

  Joined(std::vector<uint8_t> all_bounds, ClassCounts all) : bounds(std::move(all_bounds)), counts(std::move(all)) {
    std::vector<uint64_t> costs;
    for (const Counts& each : counts) costs.push_back(cost_of(each));
    while (counts.size() > 1) {
      size_t best = 0;
      int64_t saved = -1;
      for (size_t i = 0; i + 1 < counts.size(); ++i) {
        const int64_t saves = int64_t(costs[i] + costs[i + 1]) - int64_t(cost_of(sum(counts[i], counts[i + 1])));
        if (saves > saved) best = i, saved = saves;
      }
      if (saved < 0) break;
      counts[best] = sum(counts[best], counts[best + 1]);
      costs[best] = cost_of(counts[best]);
      const auto next = ptrdiff_t(best + 1);
      counts.erase(counts.begin() + next);
      costs.erase(costs.begin() + next);
      bounds.erase(bounds.begin() + next - 1);
    }
  }

 private:
  static Counts sum(const Counts& a, const Counts& b) {
    Counts both;
    std::transform(a.begin(), a.end(), b.begin(), both.begin(), std::plus<>());
    return both;
  }
  static uint64_t cost_of(const Counts& counts) {
    if (std::all_of(counts.begin(), counts.end(), [](uint32_t n) { return n == 0; })) return 0;
    const Frequencies frequencies = frequencies_of(counts);
    return cost(counts, frequencies) + table_bits(frequencies) * kBit;
  }
};

bool is_constant(std::span<const uint8_t> plane) {
  return std::all_of(plane.begin(), plane.end(), [&](uint8_t byte) { return byte == plane[0]; });
}

void write_raw(std::span<const uint8_t> plane, std::vector<uint8_t>& out) {
  out.push_back(kRaw);
  out.insert(out.end(), plane.begin(), plane.end());
}

}  // namespace

Order::Order(size_t numbers) : count(numbers), steps(numbers / kLanes) {}

void write_plane(std::span<const uint8_t> plane, const Beside& beside, std::vector<uint8_t>& out) {
  if (is_constant(plane)) {
    out.insert(out.end(), {kConstant, plane[0]});
    return;
  }
  if (plane.size() < kLeastBytes) return write_raw(plane, out);
  const auto steps = plane.first(plane.size() / kLanes * kLanes);
  Choice choice = choose(steps, beside);
  if (choice.cost >= 8 * kBit - kBit / 64) return write_raw(plane, out);
  Contexts& contexts = choice.contexts;
  std::vector<uint8_t> classes(steps.size());  // at first, contexts
  if (contexts.source != Source::kNone) find_contexts(steps, contexts, 0, classes);
  ClassCounts counts(contexts.classes());
  count(steps, classes, class_table(contexts.bounds), counts);
  const Joined joined(contexts.bounds, std::move(counts));
  contexts.bounds = joined.bounds;
  if (contexts.bounds.empty()) contexts.source = Source::kNone, std::fill(classes.begin(), classes.end(), uint8_t(0));
  if (contexts.source != Source::kNone) find_classes(steps, contexts, 0, classes);

  const size_t before = out.size();
  out.push_back(uint8_t(kCoded + uint8_t(contexts.source)));
  if (contexts.source == Source::kOwn) put_varint(out, contexts.distance);
  if (contexts.source != Source::kNone) {
    out.push_back(uint8_t(contexts.bounds.size()));
    out.insert(out.end(), contexts.bounds.begin(), contexts.bounds.end());
  }
  std::vector<Frequencies> frequencies;
  BitWriter bits(out);
  for (const Counts& each : joined.counts) {
    frequencies.push_back(frequencies_of(each));
    write(frequencies.back(), bits);
  }
  bits.finish();
  rans_encode(steps, classes, frequencies, out);
  out.insert(out.end(), plane.begin() + ptrdiff_t(steps.size()), plane.end());
  if (out.size() - before > plane.size()) {
    out.resize(before);
    write_raw(plane, out);
  }
}

void read_plane(Reader& in, const Beside& beside, std::span<uint8_t> plane) {
  const uint8_t mode = in.byte();
  if (mode == kRaw) {
    const auto raw = in.take(plane.size());
    std::copy(raw.begin(), raw.end(), plane.begin());
    return;
  }
  if (mode == kConstant) {
    std::fill(plane.begin(), plane.end(), in.byte());
    return;
  }
  Contexts contexts;
  switch (mode - kCoded) {
    case uint8_t(Source::kNone):
      break;
    case uint8_t(Source::kAbove):
      if (beside.above.empty()) throw Damaged("there is no plane above");
      contexts = {Source::kAbove, beside.above.data()};
      break;
    case uint8_t(Source::kEarlier):
      if (beside.earlier.empty()) throw Damaged("there are no earlier numbers");
      contexts = {Source::kEarlier, beside.earlier.data()};
      break;
    case uint8_t(Source::kOwn): {
      const uint64_t distance = in.varint();
      if (distance == 0 || distance > plane.size()) throw Damaged("its contexts are too far away");
      contexts = {Source::kOwn, nullptr, size_t(distance)};
      break;
    }
    default:
      throw Damaged("a plane is coded in a way that is not known");
  }
  if (contexts.source != Source::kNone) {
    const uint8_t bounds = in.byte();
    if (bounds >= kMostClasses) throw Damaged("a plane has too many classes");
    const auto taken = in.take(bounds);
    contexts.bounds.assign(taken.begin(), taken.end());
    if (!std::is_sorted(taken.begin(), taken.end())) throw Damaged("the bounds of classes are not in order");
  }
  std::vector<Frequencies> frequencies;
  for (size_t i = 0; i < contexts.classes(); ++i) frequencies.push_back(read_frequencies(in));
  in.finish_bits();
  const auto steps = plane.first(plane.size() / kLanes * kLanes);
  rans_decode(in, contexts, frequencies, steps);
  const auto rest = in.take(plane.size() - steps.size());
  std::copy(rest.begin(), rest.end(), plane.begin() + ptrdiff_t(steps.size()));
}

size_t estimate_plane(std::span<const uint8_t> plane, const Beside& beside) {
  const auto steps = plane.first(plane.size() / kLanes * kLanes);
  if (steps.empty()) return plane.size();
  const auto sample = stretches(steps.size() / kLanes, kMoreSteps);
  uint64_t least = 8 * kBit;
  const auto consider = [&](const Contexts& contexts) {
    if (const auto choice = tried(steps, contexts, sample)) least = std::min(least, choice->cost);
  };
  consider({});
  consider({Source::kOwn});
  if (!beside.above.empty()) consider({Source::kAbove, beside.above.data()});
  if (!beside.earlier.empty()) consider({Source::kEarlier, beside.earlier.data()});
  return size_t(least * plane.size() / (8 * kBit));
}

}  // namespace nzip::arrays
