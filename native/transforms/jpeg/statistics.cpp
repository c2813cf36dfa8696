#include "transforms/jpeg/statistics.hpp"

namespace nzip::jpeg {

Statistics::Statistics() : octets_(kStarts[kNumbers][0]) {}

void Statistics::loosen() {
  for (Octet& octet : octets_) octet.loosen();
}

}  // namespace nzip::jpeg
