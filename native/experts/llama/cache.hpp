// Keys and values of the tokens that a lane has seen, in slots.
#pragma once

#include <cstdint>
#include <vector>

#include "base/memory.hpp"
#include "experts/llama/shape.hpp"

namespace nzip::llama {

// Sixteen slots lie together. A key's channels lie in groups of four, those of 16 slots one behind another, with 128
// added. Values of four slots lie together, a channel's one behind another. Keys and values have an exponent for each
// slot, in 2^-16.
class Cache {
 public:
  // slots: a multiple of 16. What is not written takes no memory.
  Cache(const Shape& shape, uint32_t slots);

  static uint64_t bytes(const Shape& shape, uint32_t slots);

  // Of a layer's head: one behind another keys, values, exponents of keys, exponents of values.
  uint8_t* keys(uint32_t layer, uint32_t head) {
    return pages_.as<uint8_t>() + (uint64_t(layer) * heads_ + head) * slots_ * (2 * size_ + 2);
  }
  int8_t* values(uint32_t layer, uint32_t head) {
    return reinterpret_cast<int8_t*>(keys(layer, head) + uint64_t(slots_) * size_);
  }
  uint8_t* key_exponents(uint32_t layer, uint32_t head) { return keys(layer, head) + 2 * uint64_t(slots_) * size_; }
  uint8_t* value_exponents(uint32_t layer, uint32_t head) { return key_exponents(layer, head) + slots_; }

  void put_key(uint32_t layer, uint32_t head, uint32_t slot, const int8_t* key, uint8_t exponent);
  void put_value(uint32_t layer, uint32_t head, uint32_t slot, const int8_t* value, uint8_t exponent);
  void copy_value(uint32_t layer, uint32_t head, uint32_t from, uint32_t to);

  // The first token's keys before they are turned: it moves with the window.
  int32_t* first_key(uint32_t layer, uint32_t head) { return &first_keys_[(layer * heads_ + head) * size_]; }

 private:
  uint32_t slots_, size_, heads_;
  ZeroedPages pages_;
  std::vector<int32_t> first_keys_;
};

}  // namespace nzip::llama
