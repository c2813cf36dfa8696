// The numbers of a field, as they stand in elements, and as planes of bytes.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "arrays/plane.hpp"
#include "arrays/rans.hpp"
#include "arrays/types.hpp"

namespace nzip::arrays {

// Where the numbers of a field are in a piece: those of an element side by side, `stride` bytes from element to
// element.
template <class Byte>
struct Place {
  Byte* first;
  size_t count, stride;

  // Whether they stand as numbers of so many bytes do in memory.
  bool is_plain(size_t width, bool big) const {
    return count * width == stride && (big == (std::endian::native == std::endian::big) || width == 1);
  }
};

template <class T>
constexpr T kTop = T(T(1) << (sizeof(T) * 8 - 1));

template <class T>
T swapped(T v) {
  T r = 0;
  for (size_t i = 0; i < sizeof(T); ++i) r = T(r | T(T(v >> 8 * i & 255) << 8 * (sizeof(T) - 1 - i)));
  return r;
}

template <class T>
T load(const uint8_t* p, bool big) {
  T v;
  std::memcpy(&v, p, sizeof v);
  return big == (std::endian::native == std::endian::big) ? v : swapped(v);
}
template <class T>
void store(uint8_t* p, T v, bool big) {
  if (big != (std::endian::native == std::endian::big)) v = swapped(v);
  std::memcpy(p, &v, sizeof v);
}

template <class T>
std::vector<T> load_numbers(Place<const uint8_t> place, size_t elements, bool big) {
  std::vector<T> numbers(elements * place.count);
  if (place.is_plain(sizeof(T), big)) {
    std::memcpy(numbers.data(), place.first, numbers.size() * sizeof(T));
    return numbers;
  }
  T* out = numbers.data();
  for (size_t e = 0; e < elements; ++e)
    for (size_t i = 0; i < place.count; ++i) *out++ = load<T>(place.first + e * place.stride + i * sizeof(T), big);
  return numbers;
}
template <class T>
void store_numbers(std::span<const T> numbers, Place<uint8_t> place, bool big) {
  if (place.is_plain(sizeof(T), big)) {
    std::memcpy(place.first, numbers.data(), numbers.size_bytes());
    return;
  }
  const T* in = numbers.data();
  for (size_t e = 0; e < numbers.size() / place.count; ++e)
    for (size_t i = 0; i < place.count; ++i) store<T>(place.first + e * place.stride + i * sizeof(T), *in++, big);
}

// A float with its sign behind all other bits: then the exponent is in the first plane.
template <class T>
T sign_last(T v) {
  return T(T(v << 1) | T(v >> (sizeof(T) * 8 - 1)));
}
template <class T>
T sign_first(T v) {
  return T(T(v >> 1) | T(v << (sizeof(T) * 8 - 1)));
}

// Floats as integers of the same order, and back.
template <class T>
T ordered(T v) {
  return (v & kTop<T>) != 0 ? T(~v) : T(v | kTop<T>);
}
template <class T>
T unordered(T v) {
  return (v & kTop<T>) != 0 ? T(v & T(~kTop<T>)) : T(~v);
}

// Differences, the small ones first whatever their sign, and back.
template <class T>
T folded(T v) {
  return T(T(v << 1) ^ T((v & kTop<T>) != 0 ? T(~T(0)) : T(0)));
}
template <class T>
T unfolded(T v) {
  return T(T(v >> 1) ^ ((v & 1) != 0 ? T(~T(0)) : T(0)));
}

// What a number differs by from one before it is between integers.
template <class T>
T as_integer(T v, Numbers kind) {
  return kind == Numbers::kFloat ? ordered(v) : v;
}
template <class T>
T of_integer(T v, Numbers kind) {
  return kind == Numbers::kFloat ? unordered(v) : v;
}

// The numbers as planes are made of them where nothing is taken from them.
template <class T>
void forward(std::span<T> numbers, Numbers kind) {
  if (kind == Numbers::kFloat)
    for (T& v : numbers) v = sign_last(v);
}
template <class T>
void backward(std::span<T> numbers, Numbers kind) {
  if (kind == Numbers::kFloat)
    for (T& v : numbers) v = sign_first(v);
}

// What planes are made of: the numbers as they are, or (distance > 0) how they differ from those so far before them.
// Before the first one stand as many earlier ones, or zeros where there are none.
template <class T>
void forward(std::span<T> numbers, std::span<const T> earlier, Numbers kind, size_t distance) {
  if (distance == 0) return forward(numbers, kind);
  for (T& v : numbers) v = as_integer(v, kind);
  for (size_t i = numbers.size(); i-- > distance;) numbers[i] = folded(T(numbers[i] - numbers[i - distance]));
  for (size_t i = 0; i < distance; ++i)
    numbers[i] = folded(
        T(numbers[i] - (earlier.empty() ? T(0) : as_integer(earlier.end()[ptrdiff_t(i) - ptrdiff_t(distance)], kind))));
}
template <class T>
void backward(std::span<T> numbers, std::span<const T> earlier, Numbers kind, size_t distance) {
  if (distance == 0) return backward(numbers, kind);
  for (size_t i = 0; i < distance; ++i)
    numbers[i] = T(unfolded(numbers[i]) +
                   (earlier.empty() ? T(0) : as_integer(earlier.end()[ptrdiff_t(i) - ptrdiff_t(distance)], kind)));
  for (size_t i = distance; i < numbers.size(); ++i) numbers[i] = T(unfolded(numbers[i]) + numbers[i - distance]);
  for (T& v : numbers) v = of_integer(v, kind);
}

// How large a float is, by powers of two: what it changes by depends on that.
template <class T>
uint8_t scale(T v) {
  if constexpr (sizeof(T) < 8) {
    return uint8_t(sign_last(v) >> (sizeof(T) * 8 - 8));
  } else {
    const int exponent = int(v >> 52 & 0x7FF) - (1023 - 127);  // as a float of 32 bits would have it
    return uint8_t(exponent < 0 ? 0 : exponent > 255 ? 255 : exponent);
  }
}

constexpr size_t kTile = 64;  // steps

// call(number, place): all numbers, in stretches that lie close in both orders.
template <class Call>
void each_place(const Order& order, Call call) {
  for (size_t first = 0; first < order.steps; first += kTile) {
    const size_t end = first + kTile < order.steps ? first + kTile : order.steps;
    for (size_t lane = 0; lane < kLanes; ++lane)
      for (size_t step = first; step < end; ++step) call(lane * order.steps + step, step * kLanes + lane);
  }
  for (size_t i = order.steps * kLanes; i < order.count; ++i) call(i, i);
}

// The scales of floats as a plane.
template <class T>
std::vector<uint8_t> scales_of(std::span<const T> numbers) {
  std::vector<uint8_t> plane(numbers.size());
  each_place(Order(numbers.size()), [&](size_t number, size_t place) { plane[place] = scale(numbers[number]); });
  return plane;
}

// The planes stand one behind the other, the highest first.
template <class T>
std::vector<uint8_t> planes_of(std::span<const T> numbers) {
  const size_t size = numbers.size();
  std::vector<uint8_t> planes(size * sizeof(T));
  each_place(Order(size), [&, out = planes.data()](size_t number, size_t place) {
    for (size_t k = 0; k < sizeof(T); ++k) out[k * size + place] = uint8_t(numbers[number] >> 8 * (sizeof(T) - 1 - k));
  });
  return planes;
}
template <class T>
std::vector<T> numbers_of(std::span<const uint8_t> planes) {
  const size_t size = planes.size() / sizeof(T);
  std::vector<T> numbers(size);
  each_place(Order(size), [&, out = numbers.data()](size_t number, size_t place) {
    T v = 0;
    for (size_t k = 0; k < sizeof(T); ++k) v = T(T(v << (sizeof(T) > 1 ? 8 : 0)) | planes[k * size + place]);
    out[number] = v;
  });
  return numbers;
}

}  // namespace nzip::arrays
