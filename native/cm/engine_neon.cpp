#define NZIP_NEON
#define NZIP_ISA neon
#include "cm/engine_impl.hpp"
