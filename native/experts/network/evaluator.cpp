#include "experts/network/evaluator.hpp"

#include <algorithm>
#include <utility>

#include "base/simd_choice.hpp"

namespace nzip {

using Make = std::unique_ptr<NetworkEvaluator>(std::shared_ptr<const Network> network);

NZIP_VARIANTS(Make, make_evaluator)

std::unique_ptr<NetworkEvaluator> make_evaluator(std::shared_ptr<const Network> network) {
  return make_evaluator_for(simd_choice())(std::move(network));
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
