#define NZIP_ISA scalar
#include "experts/llama/evaluator_impl.hpp"
