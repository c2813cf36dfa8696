#include "net/evaluator.hpp"

#include <algorithm>

namespace nzip {

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
