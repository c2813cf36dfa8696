#include "experts/llama/evaluator.hpp"

#include <utility>

#include "base/simd_choice.hpp"

namespace nzip::llama {

using Make = std::unique_ptr<Evaluator>(std::shared_ptr<const Model> model);

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

std::unique_ptr<Evaluator> make_evaluator(std::shared_ptr<const Model> model) {
  switch (simd_choice()) {
#if defined(NZIP_X86)
    case Simd::kAvx512:
      return avx512::make_evaluator(std::move(model));
    case Simd::kAvx2:
      return avx2::make_evaluator(std::move(model));
#elif defined(NZIP_ARM64)
    case Simd::kNeon:
      return neon::make_evaluator(std::move(model));
#endif
    default:
      return scalar::make_evaluator(std::move(model));
  }
}

}  // namespace nzip::llama
