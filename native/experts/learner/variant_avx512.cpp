#define NZIP_AVX512
#define NZIP_ISA avx512
#include "experts/learner/learner_impl.hpp"
