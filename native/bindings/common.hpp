// What all bindings share: the interpreter's lock, buffers, and the stop of what works without that lock.
#pragma once

#include <nanobind/nanobind.h>
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <thread>
#include <tuple>

#include "base/stop.hpp"

namespace nzip::python {

namespace nb = nanobind;

// Lets the interpreter's lock go for a scope. Before the interpreter ends, stop() waits for all such scopes, and from
// then on only the thread that called it enters one: any other would abort the process when it came back to an
// interpreter that is gone, and ends here instead, by a SystemExit.
class Unlocked {
 public:
  Unlocked() {
    if (ended_ && std::this_thread::get_id() != last_) end_thread();
    ++entered_;
    release_.emplace();
  }
  ~Unlocked() {
    release_.reset();  // waits for the lock
    --entered_;
  }
  Unlocked(const Unlocked&) = delete;
  Unlocked& operator=(const Unlocked&) = delete;

  // Makes all engines give up, and the caller's the last thread.
  static void stop() {
    ended_ = true;
    last_ = std::this_thread::get_id();
    stopping = true;
    {
      nb::gil_scoped_release release;
      while (entered_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    stopping = false;
  }
  // Called once: other threads do not exist in a process that was forked, and the one that forks is in no such scope.
  static void expect_forks() {
    pthread_atfork(nullptr, nullptr, [] { entered_ = 0; });
  }
  // What an engine made that gave up is nothing.
  static void check() {
    if (stopping) end_thread();
  }

 private:
  [[noreturn]] static void end_thread() {
    PyErr_SetNone(PyExc_SystemExit);
    throw nb::python_error();
  }

  static inline std::atomic<int> entered_ = 0;
  static inline bool ended_ = false;  // these two are the interpreter's lock's
  static inline std::thread::id last_;

  std::optional<nb::gil_scoped_release> release_;
};

// Runs what looks at a Stop without the interpreter's lock. When the interpreter ends, that ends the thread, too.
template <class Work>
auto run_unlocked(Work work) {
  try {
    const Unlocked unlocked;
    return work();
  } catch (const Stopped&) {
    Unlocked::check();
    throw;
  }
}

// A read-only, contiguous view of any object with the buffer protocol, released with the scope.
class Bytes {
 public:
  explicit Bytes(nb::handle h) {
    if (PyObject_GetBuffer(h.ptr(), &view_, PyBUF_SIMPLE) != 0) throw nb::python_error();
  }
  ~Bytes() { PyBuffer_Release(&view_); }
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;
  std::span<const uint8_t> span() const {
    return {static_cast<const uint8_t*>(view_.buf), static_cast<size_t>(view_.len)};
  }

 private:
  Py_buffer view_;
};

// Work on other threads looks at it while this one may set it.
class PyStop {
 public:
  void set() { stop_.set(); }
  void check() const { stop_.check(); }
  // Nobody ever stops what has none.
  static const Stop& of(const PyStop* stop) {
    static const Stop never;
    return stop ? stop->stop_ : never;
  }

 private:
  Stop stop_;
};

// A bytes object of that size, to be filled.
inline nb::object new_bytes(uint64_t size) {
  nb::object bytes = nb::steal(PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(size)));
  if (!bytes.is_valid()) throw nb::python_error();
  return bytes;
}
inline uint8_t* data_of(const nb::object& bytes) { return reinterpret_cast<uint8_t*>(PyBytes_AsString(bytes.ptr())); }

using SegmentTuple = std::tuple<uint32_t, uint32_t, uint64_t>;  // kind, parameter, length

// Each adds its part to the module.
void bind_arrays(nb::module_& m);
void bind_detect(nb::module_& m);
void bind_experts(nb::module_& m);
void bind_llama(nb::module_& m);
void bind_coder(nb::module_& m);
void bind_transforms(nb::module_& m);
void bind_engine(nb::module_& m);

}  // namespace nzip::python
