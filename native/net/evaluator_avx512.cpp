#define NZIP_AVX512
#define NZIP_ISA avx512
#include "net/evaluator_impl.hpp"
