// What an array's elements are: the parameter of a segment of engine 2.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace nzip::arrays {

enum class Numbers : uint8_t {
  kInteger,  // signed, unsigned, or bits of any meaning
  kFloat,    // the sign is the highest bit, below it the exponent
};

// Numbers of one kind that stand side by side in an element.
struct Field {
  size_t width;  // bytes of a number: 1, 2, 4 or 8
  Numbers numbers;
  size_t count;
};

constexpr size_t kMostFields = 24;

// An element is its fields, one behind the other: one number, a block of a quantized tensor, or a record.
struct Type {
  std::array<Field, kMostFields> all{};
  size_t count = 0;  // of them that there are
  size_t size = 0;   // bytes
  bool big_endian = false;

  constexpr std::span<const Field> fields() const { return {all.data(), count}; }
  constexpr void add(const Field& field) {
    all[count++] = field;
    size += field.width * field.count;
  }
};

constexpr uint32_t kBytes = 0;           // the parameter of what is no array
constexpr uint32_t kBigEndian = 1 << 8;  // added to the number of a type of one number of 2 bytes or more
constexpr uint32_t kQuantized = 32;      // added to a tensor type's number in GGUF

// A record: added to what its fields are, up to six groups of five bits, from the lowest on. Of a group three bits say
// which numbers (1 to 4 integers of 1, 2, 4, 8 bytes, 5 to 7 floats of 2, 4, 8) and two how many such fields, less 1.
constexpr uint32_t kRecord = 1 << 30;

// None where a parameter means none.
std::optional<Type> find_type(uint32_t parameter);

}  // namespace nzip::arrays
