#define NZIP_AVX512
#define NZIP_ISA avx512
#include "experts/llama/evaluator_impl.hpp"
