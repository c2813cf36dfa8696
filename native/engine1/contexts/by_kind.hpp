// Which contexts a lane's next byte has: the rows for the kind of data that it is in.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <tuple>
#include <type_traits>

#include "engine1/contexts/bilevel.hpp"
#include "engine1/contexts/binary.hpp"
#include "engine1/contexts/records.hpp"
#include "engine1/contexts/samples.hpp"
#include "engine1/contexts/text.hpp"
#include "engine1/contexts/wasm.hpp"
#include "engine1/contexts/words.hpp"
#include "engine1/contexts/x86.hpp"

namespace nzip::engine1::NZIP_ISA {

// Calls f(what Each has for a lane's kind of data, std::type_identity of the view of that). Arrays of numbers are
// records to lanes that keep no predictions of numbers.
template <class Each, class Lane, class F>
[[gnu::always_inline]] inline decltype(auto) of_kind(const Lane& lane, F f) {
  using namespace contexts;
  switch (lane.kind) {
    case kText:
      return f(Each::kForText, std::type_identity<Text>());
    case kSamples:
      if constexpr (requires { lane.numbers; })
        return f(Each::kForSamples, std::type_identity<Samples>());
      else
        [[fallthrough]];
    case kRecords:
      return f(Each::kForRecords, std::type_identity<Records>());
    case kBilevel:
      return f(Each::kForBilevel, std::type_identity<Bilevel>());
    case kExecutable:
      if (lane.is_x86()) return f(Each::kForX86, std::type_identity<X86>());
      if (lane.is_wasm()) return f(Each::kForWasm, std::type_identity<Wasm>());
      return f(Each::kForWords, std::type_identity<Words>());
    default:
      return f(Each::kForBinary, std::type_identity<View>());
  }
}

// Calls f(rows...) with the rows of all kinds.
template <class Set, class F>
constexpr int of_all_kinds(F f) {
  const auto call = [&](const auto&... more) {
    return f(Set::kForText, Set::kForRecords, Set::kForBilevel, Set::kForX86, Set::kForWords, Set::kForWasm,
             Set::kForBinary, more...);
  };
  if constexpr (requires { Set::kForSamples; })
    return call(Set::kForSamples);
  else
    return call();
}

// The contexts that a component set has beside the orders 0 and 1. To a kind that has fewer rows, the last ones say
// nothing.
template <class Set>
inline constexpr int kContexts =
    of_all_kinds<Set>([](const auto&... rows) { return std::max({contexts::count(rows)...}); });

// How many of them have runs: the first ones.
template <class Set>
inline constexpr int kRuns = of_all_kinds<Set>([](const auto&... rows) {
  const int most = std::max({contexts::count_runs(rows)...});
  if (((contexts::count_runs(rows) < std::min(most, contexts::count(rows))) || ...))
    throw std::invalid_argument("a row has no run, and that of another kind in its place has one");
  return most;
});

// Writes the contexts of a lane's next byte into `lane.context`. A lane that keeps predictions of numbers makes them
// before.
template <class Set, class Lane>
void find_contexts(Lane& lane, const uint8_t* history, const uint16_t* followers) {
  if constexpr (requires { lane.numbers; }) {
    if (lane.kind == kSamples) {
      if (!lane.numbers) lane.numbers = std::make_unique<SampleState>();
      if (lane.numbers->segment() != lane.segment) lane.numbers->enter(lane);
      lane.numbers->advance(lane, history);
    }
  }
  of_kind<Set>(lane, [&]<class View>(const auto& rows, std::type_identity<View>) {
    contexts::hash(rows, View(lane, history, followers), lane.context);
    std::fill(lane.context + contexts::count(rows), lane.context + kContexts<Set>, 0);
  });
}

}  // namespace nzip::engine1::NZIP_ISA
