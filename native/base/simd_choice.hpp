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

// NZIP_VARIANTS(Function, name) declares a function of this type in the namespace of each instruction set that is
// compiled, and name_for(Simd), which gives the one of a choice.
#define NZIP_VARIANT(isa, Function, name) \
  namespace isa {                         \
  Function name;                          \
  }
#if defined(NZIP_X86)
#define NZIP_VARIANTS(Function, name)                                                              \
  NZIP_VARIANT(scalar, Function, name)                                                             \
  NZIP_VARIANT(avx2, Function, name)                                                               \
  NZIP_VARIANT(avx512, Function, name)                                                             \
  inline Function* name##_for(Simd simd) {                                                         \
    return simd == Simd::kAvx512 ? avx512::name : simd == Simd::kAvx2 ? avx2::name : scalar::name; \
  }
#elif defined(NZIP_ARM64)
#define NZIP_VARIANTS(Function, name)  \
  NZIP_VARIANT(scalar, Function, name) \
  NZIP_VARIANT(neon, Function, name)   \
  inline Function* name##_for(Simd simd) { return simd == Simd::kNeon ? neon::name : scalar::name; }
#else
#define NZIP_VARIANTS(Function, name)  \
  NZIP_VARIANT(scalar, Function, name) \
  inline Function* name##_for(Simd) { return scalar::name; }
#endif

}  // namespace nzip
