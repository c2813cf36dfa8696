// Which of the variants that a part is compiled in runs here. All give the same bits.
#pragma once

namespace nzip {

enum class Simd { kScalar, kAvx2, kAvx512, kNeon };

// The best that the processor has, or what NZIP_SIMD asks for; chosen once, at first use. wide: with vectors of 16
// elements, too, which are slower where there is little to calculate. Throws std::runtime_error where NZIP_SIMD asks
// for what the processor has not.
Simd simd_choice(bool wide = true);

// "scalar", "avx2", "avx512" or "neon": what simd_choice(true) says.
const char* simd_name();

}  // namespace nzip
