#include "experts/llama/cache.hpp"

namespace nzip::llama {

Cache::Cache(const Shape& shape, uint32_t slots)
    : slots_(slots),
      size_(shape.head_size),
      heads_(shape.kv_heads),
      pages_(bytes(shape, slots), true),
      first_keys_(size_t(shape.layers) * shape.key_width()) {}

uint64_t Cache::bytes(const Shape& shape, uint32_t slots) {
  return uint64_t(shape.layers) * shape.kv_heads * slots * (2 * shape.head_size + 2);
}

void Cache::put_key(uint32_t layer, uint32_t head, uint32_t slot, const int8_t* key, uint8_t exponent) {
  uint8_t* to = keys(layer, head) + slot / kRows * kRows * size_ + slot % kRows * 4;
  for (uint32_t i = 0; i < size_; ++i) to[i / 4 * 64 + i % 4] = uint8_t(key[i] + 128);
  key_exponents(layer, head)[slot] = exponent;
}

void Cache::put_value(uint32_t layer, uint32_t head, uint32_t slot, const int8_t* value, uint8_t exponent) {
  int8_t* to = values(layer, head) + slot / 4 * 4 * size_ + slot % 4;
  for (uint32_t i = 0; i < size_; ++i) to[i * 4] = value[i];
  value_exponents(layer, head)[slot] = exponent;
}

void Cache::copy_value(uint32_t layer, uint32_t head, uint32_t from, uint32_t to) {
  int8_t *source = values(layer, head) + from / 4 * 4 * size_ + from % 4,
         *target = values(layer, head) + to / 4 * 4 * size_ + to % 4;
  for (uint32_t i = 0; i < size_; ++i) target[i * 4] = source[i * 4];
  value_exponents(layer, head)[to] = value_exponents(layer, head)[from];
}

}  // namespace nzip::llama
