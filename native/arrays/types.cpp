#include "arrays/types.hpp"

#include <utility>

namespace nzip::arrays {
namespace {

constexpr Field kInt8[] = {{1, Numbers::kInteger, 1}}, kInt16[] = {{2, Numbers::kInteger, 1}};
constexpr Field kInt32[] = {{4, Numbers::kInteger, 1}}, kInt64[] = {{8, Numbers::kInteger, 1}};
constexpr Field kFloat8[] = {{1, Numbers::kFloat, 1}}, kFloat16[] = {{2, Numbers::kFloat, 1}};
constexpr Field kFloat32[] = {{4, Numbers::kFloat, 1}}, kFloat64[] = {{8, Numbers::kFloat, 1}};

// Blocks of GGUF, as ggml lays them out: scales (and minima) are float16, apart from the quants.
constexpr Field kScale = {2, Numbers::kFloat, 1};
constexpr Field bytes(size_t count) { return {1, Numbers::kInteger, count}; }
constexpr Field kQ4_0[] = {kScale, bytes(16)};
constexpr Field kQ4_1[] = {kScale, kScale, bytes(16)};
constexpr Field kQ5_0[] = {kScale, bytes(4), bytes(16)};
constexpr Field kQ5_1[] = {kScale, kScale, bytes(4), bytes(16)};
constexpr Field kQ8_0[] = {kScale, bytes(32)};
constexpr Field kQ2_K[] = {bytes(16), bytes(64), kScale, kScale};
constexpr Field kQ3_K[] = {bytes(32), bytes(64), bytes(12), kScale};
constexpr Field kQ4_K[] = {kScale, kScale, bytes(4), bytes(4), bytes(4), bytes(128)};
constexpr Field kQ5_K[] = {kScale, kScale, bytes(4), bytes(4), bytes(4), bytes(32), bytes(128)};
constexpr Field kQ6_K[] = {bytes(128), bytes(64), bytes(16), kScale};

constexpr Type type_of(std::span<const Field> fields) {
  Type type;
  for (const Field& field : fields) type.add(field);
  return type;
}

constexpr std::pair<uint32_t, Type> kTypes[] = {
    {kBytes, type_of(kInt8)},
    {1, type_of(kInt16)},
    {2, type_of(kInt32)},
    {3, type_of(kInt64)},
    {4, type_of(kFloat8)},
    {5, type_of(kFloat16)},
    {6, type_of(kFloat32)},
    {7, type_of(kFloat64)},
    {kQuantized + 2, type_of(kQ4_0)},
    {kQuantized + 3, type_of(kQ4_1)},
    {kQuantized + 6, type_of(kQ5_0)},
    {kQuantized + 7, type_of(kQ5_1)},
    {kQuantized + 8, type_of(kQ8_0)},
    {kQuantized + 10, type_of(kQ2_K)},
    {kQuantized + 11, type_of(kQ3_K)},
    {kQuantized + 12, type_of(kQ4_K)},
    {kQuantized + 13, type_of(kQ5_K)},
    {kQuantized + 14, type_of(kQ6_K)},
};

// The fields of a record, by groups of bits.
std::optional<Type> record_of(uint32_t groups) {
  constexpr Field kNumbers[] = {kInt8[0], kInt16[0], kInt32[0], kInt64[0], kFloat16[0], kFloat32[0], kFloat64[0]};
  Type type;
  for (; groups != 0; groups >>= 5) {
    const uint32_t numbers = groups & 7, fields = (groups >> 3 & 3) + 1;
    if (numbers == 0) return std::nullopt;
    for (uint32_t i = 0; i < fields; ++i) type.add(kNumbers[numbers - 1]);
  }
  return type.count == 0 ? std::nullopt : std::optional(type);
}

}  // namespace

std::optional<Type> find_type(uint32_t parameter) {
  if (parameter >= 2 * kRecord) return std::nullopt;
  if (parameter >= kRecord) return record_of(parameter - kRecord);
  const bool is_big = (parameter & kBigEndian) != 0;
  for (auto [number, type] : kTypes) {
    if (number != (parameter & ~kBigEndian)) continue;
    if (is_big && (type.count > 1 || type.all[0].width == 1)) return std::nullopt;
    type.big_endian = is_big;
    return type;
  }
  return std::nullopt;
}

}  // namespace nzip::arrays
