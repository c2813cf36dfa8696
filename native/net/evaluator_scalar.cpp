#define NZIP_ISA scalar
#include "net/evaluator_impl.hpp"
