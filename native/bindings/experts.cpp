// The byte network and the token expert by themselves, and what a device needs to evaluate them.
#include "bindings/experts.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cstring>

#include "base/limits.hpp"
#include "experts/learner/expert.hpp"
#include "experts/network/block_inputs.hpp"
#include "experts/network/cells.hpp"

namespace nzip::python {
namespace {

// A lane that is a block of its own.
LaneCut one_lane(std::span<const uint8_t> plain) {
  if (plain.size() > kMaxBlock) throw std::invalid_argument("a block is larger than 2^30 bytes");
  return LaneCut(0, uint32_t(plain.size()), 1);
}

// The rows of a network's input tables from which each byte of a lane is predicted, from the byte `first` on, as 32-bit
// integers.
nb::bytes input_rows(nb::handle data, const std::string& architecture, uint32_t first) {
  Bytes in(data);
  const std::span<const uint8_t> plain = in.span();
  if (first > plain.size()) throw std::invalid_argument("the first byte is beyond the data");
  const Architecture kind = architecture_named(architecture);
  const auto inputs = make_inputs(kind, plain.data(), one_lane(plain), 1);
  const size_t tables = table_shapes(kind, kChannelStep).size();
  std::vector<int32_t> rows((plain.size() - first) * tables);
  {
    const Unlocked unlocked;
    for (uint32_t i = 0; i < plain.size(); ++i) {
      if (i >= first) inputs->rows(0, i, rows.data() + (i - first) * tables);
      inputs->push(0, i);
    }
  }
  return nb::bytes(rows.data(), rows.size() * sizeof(int32_t));
}

// The shapes of a network's input tables: rows, width, first channel, whether values have names of 4 bits, and whether
// the table is the gates'.
std::vector<std::tuple<int, int, int, bool, bool>> input_tables(const std::string& architecture, int channels) {
  std::vector<std::tuple<int, int, int, bool, bool>> list;
  for (const TableShape& s : table_shapes(architecture_named(architecture), channels))
    list.emplace_back(s.rows, s.width, s.first, s.named, s.gates);
  return list;
}

// The weights of the 256 byte values before every byte of a lane.
nb::object network_weights(const PyNetwork& network, nb::handle data, int batch) {
  if (batch < 1) throw std::invalid_argument("batch must be at least 1");
  Bytes in(data);
  const std::span<const uint8_t> plain = in.span();
  constexpr size_t kRow = sizeof(ByteWeights);
  const LaneCut cut = one_lane(plain);
  nb::object result = new_bytes(plain.size() * kRow);
  auto* to = PyBytes_AsString(result.ptr());
  const Unlocked unlocked;
  const auto evaluator = make_evaluator(network.shared());
  const auto scratch = std::make_unique<NetworkResiduals>();
  const auto inputs = make_inputs(network.shared()->architecture, plain.data(), cut, 1);
  NetworkCells cells(*network.shared());
  std::vector<NetworkColumn> columns;
  std::vector<ByteWeights> weights(std::min(size_t(batch), plain.size()));
  for (size_t at = 0; at < plain.size(); at += columns.size()) {
    columns.clear();
    for (size_t i = at; i < plain.size() && columns.size() < weights.size(); ++i) {
      NetworkColumn& column = columns.emplace_back();
      column.cells = cells.data();
      column.out = &weights[columns.size() - 1];
      inputs->rows(0, uint32_t(i), column.row);
      inputs->push(0, uint32_t(i));
    }
    evaluator->evaluate(columns, *scratch, {});
    std::memcpy(to + at * kRow, weights.data(), columns.size() * kRow);
  }
  return result;
}

// The same of a learner, without a network.
nb::object learner_weights(nb::handle data) {
  Bytes in(data);
  const std::span<const uint8_t> plain = in.span();
  const LaneCut cut = one_lane(plain);
  constexpr size_t kRow = 256 * sizeof(uint32_t);
  nb::object result = new_bytes(plain.size() * kRow);
  auto* to = PyBytes_AsString(result.ptr());
  const Unlocked unlocked;
  const auto expert = make_learner_expert();
  const std::vector<Segment> segments = {{kText, 0, plain.size()}};
  expert->begin_block(plain.data(), true, cut, 1, segments);
  for (uint32_t i = 0; i < plain.size(); ++i) {
    expert->begin_round(i, nullptr, {});
    std::memcpy(to + i * kRow, expert->weights(0), kRow);
  }
  return result;
}

}  // namespace

void bind_experts(nb::module_& m) {
  nb::class_<PyExpert>(m, "ByteExpert");
  nb::class_<PyExchange>(m, "Exchange")
      .def(nb::init<size_t>(), nb::arg("devices"))
      .def("wait", &PyExchange::wait, nb::arg("device"), nb::arg("positions"))
      .def("answer", &PyExchange::answer, nb::arg("device"), nb::arg("weights"))
      .def("lose", &PyExchange::lose, nb::arg("device"))
      .def("close", &PyExchange::close);
  nb::class_<PyNetwork>(m, "Network")
      .def(nb::init<nb::handle, const std::string&, int, int>(), nb::arg("tensors"), nb::arg("architecture"),
           nb::arg("channels"), nb::arg("layers"))
      .def("expert", &PyNetwork::expert, nb::arg("exchange") = nb::none(), nb::arg("helpers") = 0)
      .def("memory", &PyNetwork::memory, nb::arg("lanes"), nb::arg("exchange") = false);
  nb::class_<PyVocabulary>(m, "Vocabulary").def(nb::init<const std::vector<nb::bytes>&>(), nb::arg("tokens"));
  nb::class_<PyTokenExpert, PyExpert>(m, "TokenExpert")
      .def_static("memory", &PyTokenExpert::memory, nb::arg("vocabulary"), nb::arg("lanes"))
      .def(nb::init<const PyVocabulary&, uint32_t, uint32_t, nb::object>(), nb::arg("vocabulary"), nb::arg("start"),
           nb::arg("skip"), nb::arg("model"))
      .def(nb::init<const PyVocabulary&, uint32_t, uint32_t, const PyLlama&, uint32_t, uint32_t, uint32_t>(),
           nb::arg("vocabulary"), nb::arg("start"), nb::arg("skip"), nb::arg("model"), nb::arg("context"),
           nb::arg("keeps"), nb::arg("helpers"));
  m.def("input_tables", &input_tables, nb::arg("architecture"), nb::arg("channels"));
  m.def("input_rows", &input_rows, nb::arg("data"), nb::arg("architecture"), nb::arg("first") = 0);
  m.def("network_weights", &network_weights, nb::arg("network"), nb::arg("data"), nb::arg("batch"));
  m.def("learner_weights", &learner_weights, nb::arg("data"));
  m.def("learner_memory", &learner_memory, nb::arg("lanes"));
  m.def("learner_expert", [] { return PyExpert({ExpertKind::kLearner, make_learner_expert()}); });
}

}  // namespace nzip::python
