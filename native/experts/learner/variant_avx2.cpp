#define NZIP_AVX2
#define NZIP_ISA avx2
#include "experts/learner/learner_impl.hpp"
