#define NZIP_AVX2
#define NZIP_ISA avx2
#include "experts/llama/evaluator_impl.hpp"
