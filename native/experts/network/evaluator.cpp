#include "experts/network/evaluator.hpp"

#include <algorithm>
#include <utility>

#include "base/simd_choice.hpp"

namespace nzip {

using Make = std::unique_ptr<NetworkEvaluator>(std::shared_ptr<const Network> network);

namespace scalar {
Make make_evaluator;
}  // namespace scalar
#if defined(NZIP_X86)
namespace avx2 {
Make make_evaluator;
}  // namespace avx2
namespace avx512 {
Make make_evaluator;
}  // namespace avx512
#elif defined(NZIP_ARM64)
namespace neon {
Make make_evaluator;
}  // namespace neon
#endif

std::unique_ptr<NetworkEvaluator> make_evaluator(std::shared_ptr<const Network> network) {
  switch (simd_choice()) {
#if defined(NZIP_X86)
    case Simd::kAvx512:
      return avx512::make_evaluator(std::move(network));
    case Simd::kAvx2:
      return avx2::make_evaluator(std::move(network));
#elif defined(NZIP_ARM64)
    case Simd::kNeon:
      return neon::make_evaluator(std::move(network));
#endif
    default:
      return scalar::make_evaluator(std::move(network));
  }
}

void NetworkEvaluator::evaluate(std::span<const NetworkColumn> columns, NetworkResiduals& scratch,
                                const Stop& stop) const {
  while (!columns.empty()) {
    stop.check();
    const auto batch = columns.first(std::min(columns.size(), kBatchColumns));
    for (int stage = 0; stage < stages(); ++stage) pass(stage, batch, scratch);
    columns = columns.subspan(batch.size());
  }
}

}  // namespace nzip
