// The Python face of the core. Every call that codes releases the GIL.
#include "base/simd_choice.hpp"
#include "bindings/common.hpp"

NB_MODULE(_native, m) {
  using namespace nzip::python;
  m.doc() = "nzip's native core: the context-mixing engine, byte networks and the range coder";
  nb::set_leak_warnings(false);  // what a daemon thread holds when the process ends is no leak
  nb::exception<nzip::Stopped>(m, "StoppedError");
  nb::class_<PyStop>(m, "Stop").def(nb::init<>()).def("set", &PyStop::set).def("check", &PyStop::check);
  m.def("stop", &Unlocked::stop);
  Unlocked::expect_forks();
  m.def("simd_name", &nzip::simd_name);
  bind_detect(m);
  bind_arrays(m);
  bind_transforms(m);
  bind_coder(m);
  bind_experts(m);
  bind_llama(m);
  bind_engine(m);
}
