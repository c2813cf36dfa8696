// An opinion that is always the same.
#pragma once

#include "engine1/parts/part.hpp"

namespace nzip::engine1::NZIP_ISA {

template <class Set>
class Bias : public Part<Bias<Set>> {
 public:
  static constexpr int kInputs = 1;

  Bias(typename Part<Bias<Set>>::Model& /*model*/, int /*table_log2*/, bool /*few_data*/) {}

  void give_inputs(Moment& /*now*/, int16_t* input, AdaptiveBit** /*bits*/, int32_t* /*says*/) { *input = kStretchOne; }
};

}  // namespace nzip::engine1::NZIP_ISA
