// The byte network and the token expert by themselves, and what a device needs to evaluate them.
#include "bindings/experts.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cstring>

#include "experts/network/lane.hpp"
#include "experts/network/statistics.hpp"

namespace nzip::python {
namespace {

// The rows of the network's input tables from which each byte of a lane is predicted, as 32-bit integers.
nb::bytes input_rows(nb::handle data) {
  Bytes in(data);
  const std::span<const uint8_t> plain = in.span();
  std::vector<int32_t> rows(plain.size() * kInputTables);
  {
    const Unlocked unlocked;
    InputFeatures features;
    for (size_t i = 0; i < plain.size(); ++i) {
      features.rows(rows.data() + i * kInputTables);
      features.push(plain.data(), i, plain[i]);
    }
  }
  return nb::bytes(rows.data(), rows.size() * sizeof(int32_t));
}

// The rows of the input tables of the network glr2 from which each byte of a block of one lane is predicted, from the
// byte `first` on, as 16-bit integers.
nb::bytes statistics_rows(nb::handle data, size_t first) {
  Bytes in(data);
  const std::span<const uint8_t> plain = in.span();
  if (first > plain.size()) throw std::invalid_argument("the first byte is beyond the data");
  std::vector<uint16_t> rows((plain.size() - first) * glr2::kTables);
  {
    nb::gil_scoped_release release;
    static thread_local glr2::Statistics statistics;
    statistics.clear();
    glr2::Inputs inputs;
    for (size_t i = 0; i < plain.size(); ++i) {
      if (i >= first) inputs.rows(statistics, plain.data(), rows.data() + (i - first) * glr2::kTables);
      inputs.push(statistics, plain.data(), i);
    }
  }
  return nb::bytes(rows.data(), rows.size() * sizeof(uint16_t));
}

// The weights of the 256 byte values before every byte of a lane.
nb::object network_weights(const PyNetwork& network, nb::handle data, int batch) {
  if (batch < 1) throw std::invalid_argument("batch must be at least 1");
  Bytes in(data);
  const std::span<const uint8_t> plain = in.span();
  constexpr size_t kRow = sizeof(ByteWeights);
  if (plain.size() > size_t(PY_SSIZE_T_MAX) / kRow) throw std::bad_alloc();
  nb::object result = new_bytes(plain.size() * kRow);
  auto* to = PyBytes_AsString(result.ptr());
  const Unlocked unlocked;
  const auto evaluator = make_evaluator(network.shared());
  const auto scratch = std::make_unique<NetworkResiduals>();
  NetworkLane lane(*network.shared());
  std::vector<NetworkColumn> columns;
  std::vector<ByteWeights> weights(std::min(size_t(batch), plain.size()));
  for (size_t at = 0; at < plain.size(); at += columns.size()) {
    columns.clear();
    for (size_t i = at; i < plain.size() && columns.size() < weights.size(); ++i) {
      columns.push_back(lane.column(&weights[columns.size()]));
      lane.push(plain.data(), i, plain[i]);
    }
    evaluator->evaluate(columns, *scratch, {});
    std::memcpy(to + at * kRow, weights.data(), columns.size() * kRow);
  }
  return result;
}

}  // namespace

void bind_experts(nb::module_& m) {
  nb::class_<PyNetwork>(m, "Network")
      .def(nb::init<nb::handle, int, int>(), nb::arg("tensors"), nb::arg("channels"), nb::arg("layers"));
  nb::class_<PyVocabulary>(m, "Vocabulary").def(nb::init<const std::vector<nb::bytes>&>(), nb::arg("tokens"));
  nb::class_<PyTokenExpert>(m, "TokenExpert")
      .def(nb::init<const PyVocabulary&, uint32_t, uint32_t, nb::object>(), nb::arg("vocabulary"), nb::arg("start"),
           nb::arg("skip"), nb::arg("model"));
  m.def("input_rows", &input_rows, nb::arg("data"));
  m.def("statistics_rows", &statistics_rows, nb::arg("data"), nb::arg("first") = 0);
  m.def("network_weights", &network_weights, nb::arg("network"), nb::arg("data"), nb::arg("batch"));
  nb::class_<PyExchange>(m, "Exchange")
      .def(nb::init<size_t>(), nb::arg("devices"))
      .def("wait", &PyExchange::wait, nb::arg("device"), nb::arg("positions"))
      .def("answer", &PyExchange::answer, nb::arg("device"), nb::arg("weights"))
      .def("lose", &PyExchange::lose, nb::arg("device"))
      .def("close", &PyExchange::close);
}

}  // namespace nzip::python
