#define NZIP_NEON
#define NZIP_ISA neon
#include "experts/network/evaluator_impl.hpp"
