#define NZIP_AVX2
#define NZIP_ISA avx2
#include "arrays/rans_steps.hpp"
