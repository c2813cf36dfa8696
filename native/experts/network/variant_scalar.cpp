#define NZIP_ISA scalar
#include "experts/network/evaluator_impl.hpp"
