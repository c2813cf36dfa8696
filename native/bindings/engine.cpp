#include "engine/engine.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

#include "base/limits.hpp"
#include "bindings/common.hpp"
#include "bindings/experts.hpp"
#include "engine/table.hpp"
#include "experts/learner/expert.hpp"
#include "experts/network/forecast.hpp"

namespace nzip::python {
namespace {

std::vector<Segment> to_segments(const EngineEntry& entry, const std::vector<SegmentTuple>& list, uint64_t plain_size) {
  if (plain_size > kMaxBlock) throw std::invalid_argument("a block is larger than 2^30 bytes");
  std::vector<Segment> segments;
  uint64_t sum = 0;
  for (const auto& [kind, param, length] : list) {
    if (std::ranges::find(entry.segment_kinds, kind) == entry.segment_kinds.end() || length > plain_size - sum)
      throw std::invalid_argument("segment list does not fit the block");
    segments.push_back({kind, param, length});
    sum += length;
  }
  if (sum != plain_size) throw std::invalid_argument("segment lengths do not sum to the block's");
  return segments;
}

void check_component_set(const EngineEntry& entry, int component_set) {
  if (std::ranges::find(entry.component_sets, component_set) == entry.component_sets.end())
    throw std::invalid_argument("unknown component set");
}

void check_tables(const EngineEntry& entry, int component_set, int table_log2) {
  check_component_set(entry, component_set);
  if (table_log2 < kMinTableLog2 || table_log2 > kMaxTableLog2) throw std::invalid_argument("table size out of range");
}

void check_lanes(uint32_t lanes) {
  if (lanes < 1 || lanes > kMaxLanes) throw std::invalid_argument("lanes must be 1 to 1024");
}

// An engine codes one block at a time; another thread's call meanwhile is refused rather than queued, for the order of
// blocks matters.
class Busy {
 public:
  explicit Busy(std::atomic_flag& flag) : flag_(flag) {
    if (flag_.test_and_set()) throw std::runtime_error("the engine is coding another block");
  }
  ~Busy() { flag_.clear(); }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  std::atomic_flag& flag_;
};

class PyEngine {
 public:
  // The experts are those of one engine; a network is evaluated where the exchange has devices, else here, with
  // `helpers` threads beside the one that codes.
  PyEngine(const EngineEntry& entry, int component_set, int table_log2, const PyNetwork* network, nb::handle start,
           const PyTokenExpert* expert, bool learner, const PyExchange* exchange, uint32_t helpers,
           std::optional<uint64_t> coded_size)
      : entry_(entry), component_set_(component_set), table_log2_(table_log2) {
    check_tables(entry, component_set, table_log2);
    EngineParts parts{component_set, table_log2};
    if (network)
      parts.experts.push_back(
          {ExpertKind::kNetwork,
           std::make_shared<LaneForecasts>(network->shared(), exchange ? exchange->shared() : nullptr, helpers)});
    if (learner) parts.experts.push_back({ExpertKind::kLearner, make_learner_expert()});
    if (expert) parts.experts.push_back({ExpertKind::kLanguageModel, expert->shared()});
    if (coded_size) parts.coded_size = *coded_size;
    std::optional<Bytes> state;
    if (!start.is_none()) parts.start = state.emplace(start).span();
    engine_ = entry.make(parts);
  }

  // Takes a part of a snapshot; see Engine::restore.
  void restore(uint64_t at, nb::handle part) {
    Bytes in(part);
    const uint64_t size = entry_.snapshot_size(component_set_), left = at < size ? size - at : 0;
    if (table_log2_ < entry_.snapshot_log2 || at % 64 || in.span().size() % 64 || in.span().size() > left)
      throw std::invalid_argument("not a part of a snapshot for this engine");
    const Busy busy(busy_);
    const Unlocked unlocked;
    engine_->restore(at, in.span());
  }

  nb::bytes start() {
    const Busy busy(busy_);
    const std::vector<uint8_t> state = engine_->start();
    return nb::bytes(reinterpret_cast<const char*>(state.data()), state.size());
  }

  // Whole numbers of 32 bits, in the machine's order of bytes.
  nb::bytes state() {
    const Busy busy(busy_);
    const std::vector<int32_t> state = engine_->state();
    return nb::bytes(state.data(), state.size() * sizeof(int32_t));
  }
  void set_state(nb::handle state) {
    Bytes in(state);
    std::vector<int32_t> values(in.span().size() / sizeof(int32_t));
    std::memcpy(values.data(), in.span().data(), values.size() * sizeof(int32_t));
    const Busy busy(busy_);
    engine_->set_state(values);
  }

  // None when the coded bytes would be more than `most`, by default one less than the plaintext's; the tables then hold
  // no defined state.
  nb::object encode(nb::handle plain, uint32_t lanes, const std::vector<SegmentTuple>& segments,
                    std::optional<size_t> most, const PyStop* stop) {
    Bytes in(plain);
    check_lanes(lanes);
    const auto list = to_segments(entry_, segments, in.span().size());
    if (in.span().empty()) return nb::none();
    const Busy busy(busy_);
    const size_t cap = most.value_or(in.span().size() - 1);
    std::unique_ptr<uint8_t[]> out(new uint8_t[cap]);
    const size_t n =
        run_unlocked([&] { return engine_->encode(in.span(), lanes, list, {out.get(), cap}, PyStop::of(stop)); });
    if (n > cap) return nb::none();
    return nb::bytes(reinterpret_cast<const char*>(out.get()), n);
  }

  nb::object decode(nb::handle coded, uint64_t plain_size, uint32_t lanes, const std::vector<SegmentTuple>& segments,
                    const PyStop* stop) {
    Bytes in(coded);
    check_lanes(lanes);
    const auto list = to_segments(entry_, segments, plain_size);
    const Busy busy(busy_);
    nb::object plain = new_bytes(plain_size);
    uint8_t* data = data_of(plain);
    const bool ok = run_unlocked([&] {
      return engine_->decode(in.span(), lanes, list, {data, static_cast<size_t>(plain_size)}, PyStop::of(stop));
    });
    if (!ok) throw std::invalid_argument("coded block ends too early");
    return plain;
  }

  void learn(nb::handle reference, const std::vector<SegmentTuple>& segments, const PyStop* stop) {
    Bytes in(reference);
    const auto list = to_segments(entry_, segments, in.span().size());
    const Busy busy(busy_);
    run_unlocked([&] { engine_->learn(in.span(), list, PyStop::of(stop)); });
  }

  uint64_t done() const { return engine_->done(); }

 private:
  const EngineEntry& entry_;
  int component_set_, table_log2_;
  std::unique_ptr<Engine> engine_;
  std::atomic_flag busy_;
};

uint64_t engine_memory(const EngineEntry& entry, int component_set, int table_log2, uint64_t run_size, uint32_t lanes,
                       uint64_t reference) {
  check_tables(entry, component_set, table_log2);
  return entry.memory(component_set, table_log2, run_size, lanes, reference);
}

uint64_t snapshot_size(const EngineEntry& entry, int component_set) {
  check_component_set(entry, component_set);
  return entry.snapshot_size(component_set);
}

// The snapshot of a component set's tables after a prime.
nb::object warm(const EngineEntry& entry, int component_set, nb::handle prime, const PyStop* stop) {
  check_component_set(entry, component_set);
  Bytes in(prime);
  if (in.span().size() > kMaxBlock) throw std::invalid_argument("a prime is larger than 2^30 bytes");
  nb::object snapshot = new_bytes(entry.snapshot_size(component_set));
  uint8_t* data = data_of(snapshot);
  run_unlocked([&] {
    entry.make({.component_set = component_set, .table_log2 = entry.snapshot_log2})
        ->warm(in.span(), data, PyStop::of(stop));
  });
  return snapshot;
}

std::vector<uint32_t> expert_kinds(const EngineEntry& entry, int component_set) {
  check_component_set(entry, component_set);
  std::vector<uint32_t> kinds;
  for (const ExpertKind kind : entry.expert_kinds(component_set)) kinds.push_back(uint32_t(kind));
  return kinds;
}

template <class Number>
std::vector<Number> list_of(std::span<const Number> numbers) {
  return {numbers.begin(), numbers.end()};
}

}  // namespace

void bind_engine(nb::module_& m) {
  nb::class_<PyEngine>(m, "Engine")
      .def("start", &PyEngine::start)
      .def("state", &PyEngine::state)
      .def("set_state", &PyEngine::set_state, nb::arg("state"))
      .def("restore", &PyEngine::restore, nb::arg("at"), nb::arg("part"))
      .def("learn", &PyEngine::learn, nb::arg("reference"), nb::arg("segments"), nb::arg("stop") = nb::none())
      .def("encode", &PyEngine::encode, nb::arg("plain"), nb::arg("lanes"), nb::arg("segments"),
           nb::arg("most") = nb::none(), nb::arg("stop") = nb::none())
      .def_prop_ro("done", &PyEngine::done)
      .def("decode", &PyEngine::decode, nb::arg("coded"), nb::arg("plain_size"), nb::arg("lanes"), nb::arg("segments"),
           nb::arg("stop") = nb::none());
  nb::class_<EngineEntry>(m, "EngineEntry")
      .def_ro("id", &EngineEntry::id)
      .def_ro("revision", &EngineEntry::revision)
      .def_ro("snapshot_log2", &EngineEntry::snapshot_log2)
      .def_prop_ro("component_sets", [](const EngineEntry& entry) { return list_of(entry.component_sets); })
      .def_prop_ro("segment_kinds", [](const EngineEntry& entry) { return list_of(entry.segment_kinds); })
      .def_prop_ro("instruction_sets", [](const EngineEntry& entry) { return list_of(entry.instruction_sets); })
      .def("expert_kinds", &expert_kinds, nb::arg("component_set"))
      .def("memory", &engine_memory, nb::arg("component_set"), nb::arg("table_log2"), nb::arg("run_size"),
           nb::arg("lanes"), nb::arg("reference") = 0)
      .def("snapshot_size", &snapshot_size, nb::arg("component_set"))
      .def("warm", &warm, nb::arg("component_set"), nb::arg("prime"), nb::arg("stop") = nb::none())
      .def(
          "engine",
          [](const EngineEntry& entry, int component_set, int table_log2, const PyNetwork* network, nb::handle start,
             const PyTokenExpert* expert, bool learner, const PyExchange* exchange, uint32_t helpers,
             std::optional<uint64_t> coded_size) {
            return std::make_unique<PyEngine>(entry, component_set, table_log2, network, start, expert, learner,
                                              exchange, helpers, coded_size);
          },
          nb::arg("component_set"), nb::arg("table_log2"), nb::arg("network") = nb::none(),
          nb::arg("start") = nb::none(), nb::arg("expert") = nb::none(), nb::arg("learner") = false,
          nb::arg("exchange") = nb::none(), nb::arg("helpers") = 0, nb::arg("coded_size") = nb::none());
  m.def("engines", [] {
    nb::list list;
    for (const EngineEntry* entry : engines()) list.append(nb::cast(entry, nb::rv_policy::reference));
    return list;
  });
}

}  // namespace nzip::python
