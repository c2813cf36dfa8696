#define NZIP_AVX512
#define NZIP_ISA avx512
#include "engine1/cm_engine.hpp"
