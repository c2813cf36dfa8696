#define NZIP_NEON
#define NZIP_ISA neon
#include "engine1/cm_engine.hpp"
