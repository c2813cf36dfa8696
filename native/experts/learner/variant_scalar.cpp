#define NZIP_ISA scalar
#include "experts/learner/learner_impl.hpp"
