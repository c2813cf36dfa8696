#include "base/simd_choice.hpp"

#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

namespace nzip {
namespace {

struct Variant {
  Simd simd;
  const char* name;
  bool available;
  bool wide;
};

// The first that the processor has, or the one that NZIP_SIMD asks for; of vectors of 16 elements only if `wide`.
const Variant& choose(bool wide) {
  static const Variant variants[] = {
#if defined(NZIP_X86)
      {Simd::kAvx512, "avx512",
       __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vnni"),
       true},
      {Simd::kAvx2, "avx2", bool(__builtin_cpu_supports("avx2")), false},
#elif defined(NZIP_ARM64)
      {Simd::kNeon, "neon", true, false},
#endif
      {Simd::kScalar, "scalar", true, false},
  };
  const char* forced = std::getenv("NZIP_SIMD");
  const bool any = !forced || !*forced;
  for (const Variant& v : variants)
    if (v.available && (any ? wide || !v.wide : std::strcmp(v.name, forced) == 0)) return v;
  throw std::runtime_error(std::string("NZIP_SIMD=") + forced + " is not available on this processor");
}

const Variant& chosen() {
  static const Variant& variant = choose(true);
  return variant;
}

const Variant& chosen_for_little() {
  static const Variant& variant = choose(false);
  return variant;
}

}  // namespace

Simd simd_choice(bool wide) { return (wide ? chosen() : chosen_for_little()).simd; }

const char* simd_name() { return chosen().name; }

}  // namespace nzip
