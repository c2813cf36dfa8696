// What statistics begin with: what they learn of a few small pictures.
#pragma once

#include "transforms/jpeg/statistics.hpp"

namespace nzip::jpeg {

const AllStatistics& primed_statistics();

}  // namespace nzip::jpeg
