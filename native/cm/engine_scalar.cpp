#define NZIP_ISA scalar
#include "cm/engine_impl.hpp"
