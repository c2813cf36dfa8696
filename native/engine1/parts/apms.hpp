// Adaptive probability maps: what became of opinions like the mixer's, after the last bytes.
#pragma once

#include <cstdint>

#include "engine1/parts/part.hpp"

namespace nzip::engine1::NZIP_ISA {

// By the last byte, then by the last three, then by the word; three of them, in a bilevel raster, by pixels.
template <class Set>
class Apms : public Part<Apms<Set>> {
  static constexpr int kApms = Set::kApms;

 public:
  struct Model {
    ApmContext apm[kApms][65536];
  };

  Apms(Model& model, int /*table_log2*/, bool /*few_data*/) : model_(model) {
    for (auto& map : model_.apm)
      for (ApmContext& context : map) context.reset();
  }

  template <class L>
  void begin_byte(Moment& now, L& lane, const uint8_t* /*history*/) {
    uint32_t bases[] = {(Set::kNumbers && now.numbers ? now.expected_number : lane.last(1)) * 256u,
                        uint32_t(mix(204, lane.last_bytes(3)) >> 48),
                        uint32_t(mix(205, lane.word + lane.last(1)) >> 48)};
    if (kApms == 3 && lane.kind == kExecutable && !lane.is_wasm()) {
      const X86Flow& x = lane.x86;
      const uint64_t here = mix(lane.code_field(), lane.is_x86() ? x.whole : lane.words.part);
      bases[1] = uint32_t((lane.is_x86() ? mix(mix(x.slot(), x.operand), x.opcode << 8 | (x.modrm & 0xc7))
                                         : mix(here, lane.words.word[0] >> 22)) >>
                          48);
      bases[2] = uint32_t(here >> 48);
    }
    if (kApms == 3 && lane.kind == kRecords) bases[2] = uint32_t(mix(lane.elements.expected(), lane.elements.at) >> 48);
    for (int i = 0; i < kApms; ++i) {
      base_[i] = bases[i];
      __builtin_prefetch(&apm(i, 1));
    }
  }

  uint64_t refine(const Moment& now, int mixed, uint64_t p) {
    uint64_t refined[kApms];
    const bool pixels = kApms == 3 && now.lane->kind == kBilevel;
    for (int i = 0; i < kApms; ++i)
      refined[i] = cursor_[i].refine(
          pixels ? model_.apm[i][now.pixels.context(kTemplates[i]) & 65535] : apm(i, now.byte), mixed);
    if constexpr (kApms == 1) return (p + refined[0]) >> 1;
    if constexpr (kApms == 2) return (p + refined[0] + 2 * refined[1]) >> 2;
    if constexpr (kApms == 3) return (2 * p + refined[0] + 3 * refined[1] + 2 * refined[2]) >> 3;
  }

  void update(const Moment& /*now*/, int y) {
    for (ApmCursor& cursor : cursor_) cursor.update(y, 6);
  }

  void advance(Moment& now, int /*y*/) {
    for (int i = 0; i < kApms; ++i) {
      // The two contexts that the next bit may lead to lie side by side.
      __builtin_prefetch(&apm(i, (now.byte & 127) * 2));
      __builtin_prefetch(&apm(i, (now.byte & 127) * 2 + 1));
    }
  }

 private:
  static constexpr int kTemplates[] = {1, 4, 2};  // of pixels, in bilevel rasters

  // The context of the bits so far.
  ApmContext& apm(int i, uint32_t bits) { return model_.apm[i][(base_[i] + bits) & 65535]; }

  Model& model_;
  uint32_t base_[kApms];
  ApmCursor cursor_[kApms];
};

}  // namespace nzip::engine1::NZIP_ISA
