#define NZIP_NEON
#define NZIP_ISA neon
#include "experts/llama/evaluator_impl.hpp"
