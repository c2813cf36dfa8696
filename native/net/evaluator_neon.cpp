#define NZIP_NEON
#define NZIP_ISA neon
#include "net/evaluator_impl.hpp"
