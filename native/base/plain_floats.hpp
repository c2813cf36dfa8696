// While it lives, floats are calculated in this thread as IEEE 754 says by default: rounded to the nearest, tiny
// numbers kept. Libraries that are built for speed change that for a whole process.
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace nzip {

class PlainFloats {
 public:
  PlainFloats() : before_(control()) { set_control(kPlain); }
  ~PlainFloats() { set_control(before_); }
  PlainFloats(const PlainFloats&) = delete;
  PlainFloats& operator=(const PlainFloats&) = delete;

 private:
#if defined(__x86_64__)
  using Control = uint32_t;
  static constexpr Control kPlain = 0x1f80;  // no exception stops the program
  static Control control() { return _mm_getcsr(); }
  static void set_control(Control c) { _mm_setcsr(c); }
#elif defined(__aarch64__)
  using Control = uint64_t;
  static constexpr Control kPlain = 0;
  static Control control() {
    Control c;
    __asm__ volatile("mrs %0, fpcr" : "=r"(c));
    return c;
  }
  static void set_control(Control c) { __asm__ volatile("msr fpcr, %0" ::"r"(c)); }
#else
  using Control = uint32_t;
  static constexpr Control kPlain = 0;
  static Control control() { return 0; }
  static void set_control(Control) {}
#endif

  Control before_;
};

}  // namespace nzip
