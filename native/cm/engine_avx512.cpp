#define NZIP_AVX512
#define NZIP_ISA avx512
#include "cm/engine_impl.hpp"
