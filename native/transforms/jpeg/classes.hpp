// Numbers in classes, of which contexts are made.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace nzip::jpeg {

// Classes grow by half: 0, 1, 2, 3, 4-5, 6-7, 8-11, ...
constexpr uint32_t first_of_class(uint32_t which) { return which < 4 ? which : (2 + (which & 1)) << (which / 2 - 1); }

constexpr uint32_t kMostClass = 31;
inline constexpr std::array<uint8_t, first_of_class(kMostClass) + 1> kClasses = [] {
  std::array<uint8_t, first_of_class(kMostClass) + 1> classes{};
  for (uint32_t which = 0; which < kMostClass; ++which)
    for (uint32_t number = first_of_class(which); number < first_of_class(which + 1); ++number)
      classes[number] = uint8_t(which);
  classes.back() = kMostClass;
  return classes;
}();

// `most` is the last class.
template <uint32_t most>
uint32_t class_of(uint32_t number) {
  constexpr uint32_t kFirst = first_of_class(most);
  return kClasses[std::min(number, kFirst)];
}
template <uint32_t most>
uint32_t size_class(int value) {
  return class_of<most>(uint32_t(std::abs(value)));
}
// The classes on both sides of 0, in order: 0 to 2 * most.
template <uint32_t most>
uint32_t signed_class(int value) {
  return value < 0 ? most - size_class<most>(value) : most + size_class<most>(value);
}
inline uint32_t sign_of(int value) { return value > 0 ? 2 : value < 0 ? 1 : 0; }

}  // namespace nzip::jpeg
