// The least that tests of parts need: check() says which line failed, and finished() whether any did.
#pragma once

#include <cstdio>
#include <source_location>

inline int failures = 0;

inline void check(bool holds, std::source_location where = std::source_location::current()) {
  if (holds) return;
  ++failures;
  std::fprintf(stderr, "%s:%u: does not hold\n", where.file_name(), unsigned(where.line()));
}

inline int finished() {
  std::printf("%d failures\n", failures);
  return failures != 0;
}
