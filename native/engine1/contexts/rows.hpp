// Contexts as rows: what each is called, and how it is made of what is known before a byte. A row's place is that of
// its history map, so trained starts depend on their order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <utility>

namespace nzip::engine1::NZIP_ISA::contexts {

// A snapshot has few slots for each byte of a prime: those of rare contexts, and of contexts that say what others say
// too, would displace more than they are worth. So a prime warms only some.
enum Warmth : bool { kCold = false, kWarmed = true };

// Formula: from a view of what is known, of which each kind of data has its own, to a hash.
template <class Formula>
struct Row {
  std::string_view name;
  Warmth warmth;
  Formula formula;
};
template <class Formula>
Row(std::string_view, Warmth, Formula) -> Row<Formula>;

template <class View, class... Rows>
inline void hash_rows(const std::tuple<Rows...>& rows, const View& view, uint64_t* h) {
  std::apply([&](const auto&... row) { ((*h++ = row.formula(view)), ...); }, rows);
}

template <class... Rows>
constexpr size_t place_of(const std::tuple<Rows...>& rows, std::string_view name) {
  size_t place = 0;
  std::apply([&](const auto&... row) { (void)((row.name == name || (++place, false)) || ...); }, rows);
  return place;
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

}  // namespace nzip::engine1::NZIP_ISA::contexts
