#define NZIP_AVX2
#define NZIP_ISA avx2
#include "engine1/cm_engine.hpp"
