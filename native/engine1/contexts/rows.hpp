// Contexts as rows: what each is called, and how it is made of what is known before a byte. A row's place is that of
// its history map, so trained starts depend on their order.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string_view>
#include <tuple>
#include <utility>

#include "engine1/lane_state.hpp"

namespace nzip::engine1::NZIP_ISA::contexts {

// What formulas see. Some kinds of data have a view of their own, with what their formulas share.
struct View {
  View(const LaneState& lane, const uint8_t* /*history*/, const uint16_t* /*followers*/) : s(lane) {}
  const LaneState& s;
};

// A snapshot has few slots for each byte of a prime: those of rare contexts, and of contexts that say what others say
// too, would displace more than they are worth. So a prime, which is text, warms only some.
enum Warmth : bool { kCold = false, kWarmed = true };

// Formula: from a view to a hash.
template <class Formula>
struct Row {
  constexpr Row(std::string_view name, Warmth warmth, Formula formula) : name(name), warmth(warmth), formula(formula) {}
  constexpr Row(std::string_view name, Formula formula) : Row(name, kCold, formula) {}
  std::string_view name;
  Warmth warmth;
  Formula formula;
  bool run = false;  // predicts by the byte that came last, too
};

// The same rows, all of them warmed.
template <class... Rows>
constexpr std::tuple<Rows...> warmed(std::tuple<Rows...> rows) {
  std::apply([](auto&... row) { ((row.warmth = kWarmed), ...); }, rows);
  return rows;
}

// The same rows, of which the first ones have runs, or all.
template <size_t kRuns = SIZE_MAX, class... Rows>
constexpr std::tuple<Rows...> with_runs(std::tuple<Rows...> rows) {
  size_t place = 0;
  std::apply([&](auto&... row) { ((row.run = place++ < kRuns), ...); }, rows);
  return rows;
}

template <size_t kCount, class... Rows>
constexpr auto first(const std::tuple<Rows...>& rows) {
  return [&]<size_t... I>(std::index_sequence<I...>) {
    return std::tuple{std::get<I>(rows)...};
  }(std::make_index_sequence<kCount>());
}

// A row's name as an argument of templates.
template <size_t kSize>
struct Name {
  constexpr Name(const char (&name)[kSize]) { std::copy_n(name, kSize, text); }
  constexpr operator std::string_view() const { return {text, kSize - 1}; }
  char text[kSize];
};

template <class... Rows>
constexpr size_t place_of(const std::tuple<Rows...>& rows, std::string_view name) {
  size_t place = 0;
  const bool found =
      std::apply([&](const auto&... row) { return ((row.name == name || (++place, false)) || ...); }, rows);
  return found ? place : throw std::out_of_range("no row has that name");
}

// Some of the rows, by their names.
template <const auto& kRows, Name... kNames>
constexpr auto pick() {
  return std::tuple{std::get<place_of(kRows, kNames)>(kRows)...};
}
template <const auto& kRows, Name... kNames>
constexpr auto places() {
  return std::array{uint8_t(place_of(kRows, kNames))...};
}

// Writes a hash for each row.
template <class... Rows, class V>
[[gnu::always_inline]] inline void hash(const std::tuple<Rows...>& rows, const V& view, uint64_t* h) {
  std::apply([&](const auto&... row) { ((*h++ = row.formula(view)), ...); }, rows);
}

template <class... Rows>
constexpr int count(const std::tuple<Rows...>& /*rows*/) {
  return int(sizeof...(Rows));
}

// The places of the rows that a prime warms, of which there are kCount.
template <size_t kCount, class... Rows>
constexpr std::array<int, kCount> warmed_places(const std::tuple<Rows...>& rows) {
  std::array<int, kCount> places{};
  size_t n = 0;
  int place = 0;
  std::apply([&](const auto&... row) { (((row.warmth ? places[n++] = place : 0), ++place), ...); }, rows);
  return places;
}
template <class... Rows>
constexpr size_t count_warmed(const std::tuple<Rows...>& rows) {
  return std::apply([](const auto&... row) { return (size_t(0) + ... + size_t(row.warmth)); }, rows);
}

// How many of the rows have runs: the first ones, or it does not compile.
template <class... Rows>
constexpr int count_runs(const std::tuple<Rows...>& rows) {
  const std::array runs = std::apply([](const auto&... row) { return std::array{row.run...}; }, rows);
  const auto end = std::find(runs.begin(), runs.end(), false);
  if (std::find(end, runs.end(), true) != runs.end()) throw std::invalid_argument("rows with runs come first");
  return int(end - runs.begin());
}

}  // namespace nzip::engine1::NZIP_ISA::contexts
