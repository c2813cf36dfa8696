#include "experts/llama/evaluator.hpp"

#include <utility>

#include "base/simd_choice.hpp"

namespace nzip::llama {

using Make = std::unique_ptr<Evaluator>(std::shared_ptr<const Model> model);

NZIP_VARIANTS(Make, make_evaluator)

std::unique_ptr<Evaluator> make_evaluator(std::shared_ptr<const Model> model) {
  return make_evaluator_for(simd_choice())(std::move(model));
}

}  // namespace nzip::llama
