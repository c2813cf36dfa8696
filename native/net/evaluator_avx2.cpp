#define NZIP_AVX2
#define NZIP_ISA avx2
#include "net/evaluator_impl.hpp"
