// What an array's elements are: the parameter of a segment of engine 2.
#pragma once

#include <cstddef>
#include <cstdint>
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

// An element is its fields, one behind the other: one number, or a block of a quantized tensor.
struct Type {
  std::span<const Field> fields;
  size_t size;  // bytes
};

constexpr uint32_t kBytes = 0;           // the parameter of what is no array
constexpr uint32_t kBigEndian = 1 << 8;  // added to the number of a type of one number of 2 bytes or more
constexpr uint32_t kQuantized = 32;      // added to a tensor type's number in GGUF

// Null where a parameter means none.
const Type* find_type(uint32_t parameter);

}  // namespace nzip::arrays
