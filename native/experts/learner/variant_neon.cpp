#define NZIP_NEON
#define NZIP_ISA neon
#include "experts/learner/learner_impl.hpp"
