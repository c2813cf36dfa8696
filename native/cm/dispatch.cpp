// Chooses the instruction set once, at first use: the best the processor has, or what NZIP_SIMD asks for.
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

#include "cm/engine.hpp"
#include "cm/profiles.hpp"
#include "net/evaluator.hpp"

namespace nzip {

using Make = std::unique_ptr<Engine>(const EngineParts& parts);
using MakeEvaluator = std::unique_ptr<NetworkEvaluator>(std::shared_ptr<const Network> network);

namespace scalar {
Make make;
MakeEvaluator make_evaluator;
uint64_t model_memory(int profile, int table_log2, uint64_t reference);
uint64_t lane_memory(int profile);
uint64_t snapshot_size(int profile);
}  // namespace scalar
#if defined(__x86_64__)
namespace avx2 {
Make make;
MakeEvaluator make_evaluator;
}  // namespace avx2
namespace avx512 {
Make make;
MakeEvaluator make_evaluator;
}  // namespace avx512
#elif defined(__aarch64__)
namespace neon {
Make make;
MakeEvaluator make_evaluator;
}  // namespace neon
#endif

namespace {

struct Variant {
  const char* name;
  Make* make;
  MakeEvaluator* make_evaluator;
  bool available;
  bool wide;
};

// The first that the processor has, or the one that NZIP_SIMD asks for; of vectors of 16 elements only if `wide`.
const Variant& choose(bool wide) {
  static const Variant variants[] = {
#if defined(__x86_64__)
      {"avx512", avx512::make, avx512::make_evaluator,
       __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vnni"),
       true},
      {"avx2", avx2::make, avx2::make_evaluator, bool(__builtin_cpu_supports("avx2")), false},
#elif defined(__aarch64__)
      {"neon", neon::make, neon::make_evaluator, true, false},
#endif
      {"scalar", scalar::make, scalar::make_evaluator, true, false},
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

// For a mixer of few inputs and sets, which are faster in narrower vectors.
const Variant& chosen_for_few() {
  static const Variant& variant = choose(false);
  return variant;
}

}  // namespace

bool profile_exists(int profile) { return profile >= FastProfile::kId && profile <= FullProfile::kId; }

std::unique_ptr<Engine> make_engine(const EngineParts& parts) {
  return (parts.profile <= BalancedProfile::kId ? chosen_for_few() : chosen()).make(parts);
}

std::unique_ptr<NetworkEvaluator> make_evaluator(std::shared_ptr<const Network> network) {
  return chosen().make_evaluator(std::move(network));
}

uint64_t snapshot_size(int profile) { return scalar::snapshot_size(profile); }

uint64_t engine_memory(int profile, int table_log2, uint64_t reference, uint64_t run_bytes, uint32_t lanes) {
  constexpr uint64_t kSlack = uint64_t(1) << 20, kLane = 256;  // alignment and the like, of all and of a lane
  return (uint64_t(1) << table_log2) + scalar::model_memory(profile, table_log2, reference) + reference + run_bytes +
         (scalar::lane_memory(profile) + kLane) * lanes + kSlack;
}

const char* simd_name() { return chosen().name; }

}  // namespace nzip
