#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <stdexcept>
#include <tuple>
#include <vector>

#include "base/limits.hpp"
#include "bindings/common.hpp"
#include "transforms/repeats.hpp"

namespace nzip::python {
namespace {

using RepeatTuple = std::tuple<uint64_t, uint64_t, uint64_t>;

nb::object restore_repeats(nb::handle rest, const std::vector<RepeatTuple>& list, uint64_t plain_size,
                           const PyStop* stop) {
  if (plain_size > kMaxBlock) throw std::invalid_argument("a block is larger than 2^30 bytes");
  Bytes in(rest);
  std::vector<Repeat> repeats;
  for (const auto& [gap, size, period] : list) repeats.push_back({gap, size, period});
  nb::object plain = new_bytes(plain_size);
  uint8_t* data = data_of(plain);
  const std::span<uint8_t> out(data, static_cast<size_t>(plain_size));
  const bool fits = run_unlocked([&] { return nzip::restore_repeats(in.span(), repeats, out, PyStop::of(stop)); });
  if (!fits) throw std::invalid_argument("its repeats do not fit its size");
  return plain;
}

}  // namespace

void bind_transforms(nb::module_& m) {
  m.def("restore_repeats", &restore_repeats, nb::arg("rest"), nb::arg("repeats"), nb::arg("plain_size"),
        nb::arg("stop") = nb::none());
}

}  // namespace nzip::python
