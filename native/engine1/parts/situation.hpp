// Where in the data the bit is: what that selects weight sets by, in both layers of the mixer.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "engine1/contexts/by_kind.hpp"
#include "engine1/kinds.hpp"
#include "engine1/neighbours.hpp"
#include "engine1/parts/part.hpp"
#include "engine1/samples/maps.hpp"

namespace nzip::engine1::NZIP_ISA {

template <class Set>
class Situation : public Part<Situation<Set>> {
  static constexpr uint32_t kHits = kContexts<Set> + 1;  // values of Moment::hits
  static constexpr std::array<uint32_t, 13> kAllSelectors = {
      16 * kHits,       256, kModels * 256, 8 * kHits,   kModels * 256, 2 * 256 + 1024, 256,
      16 * 8 * kModels, 512, 256 * 8,       16 * 16 * 8, 2048,          2 * 256};

 public:
  static constexpr auto kSelectors = [] {
    std::array<uint32_t, Set::kSets> first{};
    std::copy_n(kAllSelectors.begin(), first.size(), first.begin());
    return first;
  }();
  // And of the sets of the final layer.
  static constexpr std::array<uint32_t, 4> kFinalSelectors = {256, 128 + kHits + 32, 16 * kHits, 16 * 8};

  Situation(typename Part<Situation<Set>>::Model& /*model*/, int /*table_log2*/, bool /*few_data*/) {}

  template <class L>
  void begin_byte(Moment& now, L& lane, const uint8_t* history) {
    if (lane.kind == kBilevel) now.pixels.enter(lane, history);
    if (lane.kind == kRecords) now.above = uint32_t(record_byte(lane, history, 1, 0));
  }
  void advance(Moment& now, int y) {
    if (now.lane->kind == kBilevel) now.pixels.push(y);
  }

  template <class Choose>
  void select(const Moment& now, Choose choose) {
    const LaneState& lane = *now.lane;
    const uint32_t kind = lane.kind, model = lane.model, bit = now.bit;
    const uint32_t column = lane.column < 1023 ? lane.column : 1023;
    const bool bilevel = kind == kBilevel, code = kind == kExecutable;
    uint32_t selected[] = {
        now.first_match * kHits + now.hits,
        now.byte,
        model * 256 + (bilevel ? now.pixels.above(1, 5) << 3 | now.pixels.own(3)
                       : code  ? lane.code_place()
                               : lane.last(1)),
        bit * kHits + now.hits,
        model * 256 + (bilevel ? now.pixels.above(2, 5) << 3 | now.pixels.above(1, 3)
                       : code  ? lane.code_field() * 8 + bit
                               : lane.last(2)),
        kind == kText ? (lane.word ? 256u : 0u) + lane.last(3) : 512 + (code ? lane.code_opcode() : column),
        code ? lane.code_before() : uint32_t(lane.classes & 255),
        (now.last_match * 8 + bit) * kModels + model,
        lane.expected,
        uint32_t(lane.classes & 0xff) << 3 | bit,
        std::min(lane.word_length, 15u) << 7 | uint32_t(lane.classes >> 4 & 15) << 3 | bit,
        uint32_t(mix(206, lane.last_bytes(2)) >> 53),
        (lane.word ? 256u : 0u) + uint32_t(line_column(lane)),
    };
    if constexpr (Set::kStructured) {
      if (now.numbers)
        select_by_numbers(now, selected);
      else if (bilevel)
        select_by_pixels(now.pixels, selected);
      else if (kind == kRecords)
        select_by_columns(now, selected);
      else if (code && !lane.is_wasm())
        select_by_instructions(now, selected);
    }
    for (int k = 0; k < Set::kSets; ++k) choose(k, selected[k]);
  }

  template <class Choose>
  void select_finals(const Moment& now, Choose choose) const {
    const LaneState& lane = *now.lane;
    const bool pixels = Set::kStructured && lane.kind == kBilevel;
    choose(0, pixels ? now.pixels.above(1, 5) << 3 | now.pixels.own(3) : now.byte);
    // In text the last byte's class, in machine code the field, else the confidence.
    choose(1, lane.kind == kText         ? uint32_t(lane.classes & 15) << 3 | now.bit
              : lane.kind == kExecutable ? 128 + kHits + lane.code_field()
                                         : 128 + now.hits);
    choose(2, now.hits * 16 + now.first_match);
    choose(3,
           pixels ? now.pixels.above(2, 5) << 2 | now.pixels.own(2) : std::min(lane.word_length, 15u) << 3 | now.bit);
  }

 private:
  static void select_by_numbers(const Moment& now, uint32_t* selected) {
    const SampleState& numbers = *now.numbers;
    const SampleBit bit(numbers, now.byte, now.bit);
    const uint32_t model = now.lane->model, scale = numbers.scale / 4, rougher = numbers.roughness > numbers.scale;
    selected[1] = (numbers.byte & 3) * 64 + bit.side() * 2 + rougher;
    selected[2] = model * 256 + (scale < 31 ? scale : 31) * 8 + now.bit;
    selected[4] = model * 256 + now.expected_number;
    selected[5] = 512 + bit.half() * 32 + bit.side();
    selected[6] = (numbers.channel & 3) * 64 + numbers.difference() * 8 + now.bit;
  }
  static void select_by_pixels(const Pixels& p, uint32_t* selected) {
    selected[1] = p.above(3, 5) << 3 | p.above(2, 3);
    selected[8] = p.above(1, 3) << 6 | p.own(6);
    selected[9] = p.above(1, 7) << 4 | p.own(4);
    selected[10] = p.above(2, 7) << 4 | p.above(1, 3) << 1 | p.own(1);
    selected[11] = p.above(4, 5) << 6 | p.above(3, 3) << 3 | p.above(2, 3);
    selected[12] = p.above(1, 5) << 4 | p.own(4);
  }
  static void select_by_instructions(const Moment& now, uint32_t* selected) {
    const LaneState& lane = *now.lane;
    const JumpTargets& jumps = lane.is_x86() ? lane.x86.jumps : lane.words.jumps;
    const uint32_t field = lane.code_field(), most = lane.is_x86() ? 7 : 63;
    if (lane.is_x86()) {
      const uint64_t instruction = mix(field, lane.x86.current_opcode());
      selected[9] = uint32_t(mix(instruction, lane.x86.modrm & 0xc7) >> 53);
      selected[10] = uint32_t(mix(instruction, lane.x86.opcodes & 255) >> 53);
    } else {
      const uint64_t so_far = mix(field, lane.words.part);
      selected[9] = uint32_t(so_far >> 53);
      selected[10] = uint32_t(mix(so_far, lane.words.word[0] >> 22) >> 53);
    }
    selected[11] = uint32_t(mix(field, now.byte) >> 53);
    selected[12] = (field * (most + 1) + std::min(jumps.ahead[0], most)) * 2 + jumps.here;
  }
  static void select_by_columns(const Moment& now, uint32_t* selected) {
    const uint32_t column = now.lane->column;
    const Elements& elements = now.lane->elements;
    const uint32_t as_above = elements.expected() >> (8 - now.bit) == now.byte;
    const uint32_t place = as_above << 4 | elements.at;
    selected[6] = place << 3 | now.bit;
    selected[9] = now.above << 3 | now.bit;
    selected[10] = uint32_t(mix(column, now.above) >> 53);
    selected[11] = (place << 3 | now.bit) << 3 | elements.likeness();
    selected[12] = std::min(column, 63u) << 3 | now.bit;
  }
};

}  // namespace nzip::engine1::NZIP_ISA
