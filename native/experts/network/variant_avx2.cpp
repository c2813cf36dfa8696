#define NZIP_AVX2
#define NZIP_ISA avx2
#include "experts/network/evaluator_impl.hpp"
