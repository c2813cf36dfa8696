// What libFuzzer calls.
#include "input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  nzip::fuzz::run(nzip::fuzz::Input({data, size}));
  return 0;
}
