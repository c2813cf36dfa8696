#include "transforms/jpeg/statistics.hpp"

namespace nzip::jpeg {

Statistics::Statistics() : slots_(kStarts[kNumbers][0], kNewSlot) {}

void Statistics::loosen() {
  for (Slot& slot : slots_) slot = loosened(slot);
}

}  // namespace nzip::jpeg
