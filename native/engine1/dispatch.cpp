// The engine in the variant that this processor runs best.
#include <stdexcept>
#include <string>

#include "base/simd_choice.hpp"
#include "engine/engine.hpp"
#include "engine1/component_sets.hpp"

namespace nzip {
namespace engine1 {

using Make = std::unique_ptr<Engine>(const EngineParts& parts);

namespace scalar {
Make make;
uint64_t model_memory(int profile, int table_log2, uint64_t reference);
uint64_t lane_memory(int profile);
uint64_t snapshot_size(int profile);
}  // namespace scalar
#if defined(__x86_64__)
namespace avx2 {
Make make;
}  // namespace avx2
namespace avx512 {
Make make;
}  // namespace avx512
#elif defined(__aarch64__)
namespace neon {
Make make;
}  // namespace neon
#endif

namespace {

Make* variant(Simd simd) {
  switch (simd) {
#if defined(__x86_64__)
    case Simd::kAvx512:
      return avx512::make;
    case Simd::kAvx2:
      return avx2::make;
#elif defined(__aarch64__)
    case Simd::kNeon:
      return neon::make;
#endif
    default:
      return scalar::make;
  }
}

}  // namespace
}  // namespace engine1

bool profile_exists(int profile) {
  return profile >= engine1::FastProfile::kId && profile <= engine1::FullProfile::kId;
}

std::unique_ptr<Engine> make_engine(const EngineParts& parts) {
  const bool wide = parts.profile > engine1::BalancedProfile::kId;  // mixers of few inputs and sets are small
  return engine1::variant(simd_choice(wide))(parts);
}

uint64_t snapshot_size(int profile) { return engine1::scalar::snapshot_size(profile); }

uint64_t engine_memory(int profile, int table_log2, uint64_t reference, uint64_t run_bytes, uint32_t lanes) {
  constexpr uint64_t kSlack = uint64_t(1) << 20, kLane = 256;  // alignment and the like, of all and of a lane
  return (uint64_t(1) << table_log2) + engine1::scalar::model_memory(profile, table_log2, reference) + reference +
         run_bytes + (engine1::scalar::lane_memory(profile) + kLane) * lanes + kSlack;
}

}  // namespace nzip
