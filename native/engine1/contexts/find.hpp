// The contexts of a lane's next byte.
#pragma once

#include <cstdint>
#include <memory>

#include "engine1/contexts/full.hpp"
#include "engine1/contexts/samples.hpp"

namespace nzip::engine1::NZIP_ISA {

// A lane that keeps predictions of numbers has contexts of these in arrays of them.
template <class Set, class Lane>
void find_contexts(Lane& lane, const uint8_t* history, const uint16_t* followers) {
  if constexpr (requires { lane.numbers; }) {
    if (lane.kind == kSamples) {
      if (!lane.numbers) lane.numbers = std::make_unique<SampleState>();
      if (lane.numbers->segment() != lane.segment) lane.numbers->enter(lane);
      lane.numbers->advance(lane, history);
      contexts::general_contexts(lane, lane.context);
      return sample_contexts(*lane.numbers, lane, lane.context);
    }
  }
  Set::contexts(lane, history, followers, lane.context);
}

}  // namespace nzip::engine1::NZIP_ISA
