#define NZIP_AVX2
#define NZIP_ISA avx2
#include "cm/engine_impl.hpp"
