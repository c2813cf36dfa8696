#include "arrays/rans.hpp"

#include <array>
#include <bit>
#include <cstring>

#include "arrays/rans_states.hpp"
#include "base/memory.hpp"
#include "base/simd_choice.hpp"

namespace nzip::arrays {

#define NZIP_STEPS(isa)             \
  namespace isa {                   \
  Find find_contexts, find_classes; \
  EncodeSteps encode_steps;         \
  DecodeSteps decode_steps;         \
  }
NZIP_STEPS(scalar)
#if defined(NZIP_X86)
NZIP_STEPS(avx2)
#endif
#undef NZIP_STEPS

namespace {

struct Steps {
  Find *contexts, *classes;
  EncodeSteps* encode;
  DecodeSteps* decode;
};

Steps steps() {
  switch (simd_choice()) {
#if defined(NZIP_X86)
    case Simd::kAvx512:  // would be no faster: it is looking up that takes the time
    case Simd::kAvx2:
      return {avx2::find_contexts, avx2::find_classes, avx2::encode_steps, avx2::decode_steps};
#endif
    default:
      return {scalar::find_contexts, scalar::find_classes, scalar::encode_steps, scalar::decode_steps};
  }
}

constexpr size_t kHead = kLanes * 4;  // bytes of the states
constexpr size_t kMargin = 128;       // that steps may touch beyond their words

EncodeTables encode_tables(std::span<const Frequencies> frequencies) {
  EncodeTables tables;
  for (const Frequencies& each : frequencies) {
    uint32_t start = 0;
    for (const uint32_t frequency : each) {
      uint32_t packed = 0, reciprocal = 0;
      if (frequency == 1) {
        // The quotient comes out 1 too small, for 2^32 - 1 is the largest reciprocal: the start makes up for it.
        packed = 1 | (start + kScaleTotal - 1) << 13, reciprocal = UINT32_MAX;
      } else if (frequency > 1) {
        const int shift = std::bit_width(frequency - 1);
        packed = frequency | start << 13 | uint32_t(shift - 1) << 26;
        reciprocal = uint32_t((((uint64_t(1) << shift) - frequency) << 32) / frequency + 1);
      }
      tables.packed.push_back(packed);
      tables.reciprocals.push_back(reciprocal);
      start += frequency;
    }
  }
  return tables;
}

}  // namespace

void find_contexts(std::span<const uint8_t> bytes, const Contexts& contexts, size_t first, std::span<uint8_t> out) {
  steps().contexts(bytes, contexts, first, out);
}

void find_classes(std::span<const uint8_t> bytes, const Contexts& contexts, size_t first, std::span<uint8_t> out) {
  steps().classes(bytes, contexts, first, out);
}

void rans_encode(std::span<const uint8_t> bytes, std::span<const uint8_t> classes,
                 std::span<const Frequencies> frequencies, std::vector<uint8_t>& out) {
  ByteBuffer words;
  const size_t most = kMargin + bytes.size() * kWord;
  words.grow_to(most);
  uint8_t *begin = words.data() + most, *const end = begin;
  std::array<uint32_t, kLanes> states;
  states.fill(kLow);
  steps().encode(bytes, classes.data(), encode_tables(frequencies), states.data(), begin);
  put_varint(out, kHead + size_t(end - begin));
  for (const uint32_t x : states)
    for (int shift = 0; shift < 32; shift += 8) out.push_back(uint8_t(x >> shift));
  out.insert(out.end(), begin, end);
}

void rans_decode(Reader& in, const Contexts& contexts, std::span<const Frequencies> frequencies,
                 std::span<uint8_t> bytes) {
  std::vector<uint32_t> table(frequencies.size() << kScaleLog2);
  uint32_t* entry = table.data();
  for (const Frequencies& each : frequencies)
    for (uint32_t s = 0; s < 256; ++s)
      for (uint32_t i = 0; i < each[s]; ++i) *entry++ = s | i << 8 | uint32_t(each[s] - 1) << 20;
  const uint64_t size = in.varint();
  if (size < kHead || size > kHead + bytes.size() * kWord) throw Damaged("its size is not possible");
  const auto data = in.take(size_t(size));
  ByteBuffer padded;
  padded.grow_to(data.size() + kMargin);
  std::memcpy(padded.data(), data.data(), data.size());
  std::memset(padded.data() + data.size(), 0, kMargin);
  std::array<uint32_t, kLanes> states;
  for (size_t j = 0; j < kLanes; ++j) states[j] = word_at(&data[j * 4]) | word_at(&data[j * 4 + 2]) << 16;
  const uint8_t *next = padded.data() + kHead, *const end = padded.data() + data.size();
  steps().decode(bytes, contexts, table.data(), states.data(), next, end);
  for (const uint32_t x : states)
    if (x != kLow) throw Damaged("it does not end as it began");
  if (next != end) throw Damaged("something is left over");
}

}  // namespace nzip::arrays
