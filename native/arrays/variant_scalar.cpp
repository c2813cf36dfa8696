#define NZIP_ISA scalar
#include "arrays/rans_steps.hpp"
