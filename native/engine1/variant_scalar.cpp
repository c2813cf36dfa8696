#define NZIP_ISA scalar
#include "engine1/cm_engine.hpp"
