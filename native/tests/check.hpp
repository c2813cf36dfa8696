// The least that tests of parts need: check() says which line failed, and finished() whether any did.
#pragma once

#include <cstdio>

inline int failures = 0;

// The builtins, for some standard libraries with clang have no std::source_location yet.
inline void check(bool holds, const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) {
  if (holds) return;
  ++failures;
  std::fprintf(stderr, "%s:%u: does not hold\n", file, line);
}

inline int finished() {
  std::printf("%d failures\n", failures);
  return failures != 0;
}
