// The Python face of the core. Every call that codes releases the GIL.
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <tuple>
#include <vector>

#include "cm/detect.hpp"
#include "cm/detect_utf16.hpp"
#include "cm/engine.hpp"
#include "cm/repeats.hpp"
#include "cm/similarity.hpp"
#include "coder/range_coder.hpp"
#include "llm/expert.hpp"
#include "net/exchange.hpp"
#include "net/lane.hpp"
#include "net/statistics.hpp"

namespace nb = nanobind;
using nzip::Segment;

namespace {

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
    nzip::stopping = true;
    {
      nb::gil_scoped_release release;
      while (entered_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    nzip::stopping = false;
  }
  // Called once: other threads do not exist in a process that was forked, and the one that forks is in no such scope.
  static void expect_forks() {
    pthread_atfork(nullptr, nullptr, [] { entered_ = 0; });
  }
  // What an engine made that gave up is nothing.
  static void check() {
    if (nzip::stopping) end_thread();
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
  } catch (const nzip::Stopped&) {
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

using SegmentTuple = std::tuple<uint32_t, uint32_t, uint64_t>;

std::vector<Segment> to_segments(const std::vector<SegmentTuple>& list, uint64_t plain_size) {
  if (plain_size > nzip::kMaxBlock) throw std::invalid_argument("a block is larger than 2^30 bytes");
  std::vector<Segment> segments;
  uint64_t sum = 0;
  for (const auto& [kind, param, length] : list) {
    if (kind >= nzip::kSegmentKinds || length > plain_size - sum)
      throw std::invalid_argument("segment list does not fit the block");
    segments.push_back({kind, param, length});
    sum += length;
  }
  if (sum != plain_size) throw std::invalid_argument("segment lengths do not sum to the block's");
  return segments;
}

void check_tables(int profile, int table_log2) {
  if (!nzip::profile_exists(profile)) throw std::invalid_argument("unknown component profile");
  if (table_log2 < nzip::kMinTableLog2 || table_log2 > nzip::kMaxTableLog2)
    throw std::invalid_argument("table size out of range");
}

void check_lanes(uint32_t lanes) {
  if (lanes < 1 || lanes > nzip::kMaxLanes) throw std::invalid_argument("lanes must be 1 to 1024");
}

// Work on other threads looks at it while this one may set it.
class PyStop {
 public:
  void set() { stop_.set(); }
  void check() const { stop_.check(); }
  // Nobody ever stops what has none.
  static const nzip::Stop& of(const PyStop* stop) {
    static const nzip::Stop never;
    return stop ? stop->stop_ : never;
  }

 private:
  nzip::Stop stop_;
};

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

// Networks never change, so every engine and thread may hold the same one.
class PyNetwork {
 public:
  PyNetwork(nb::handle tensors, int channels, int layers) {
    Bytes in(tensors);
    const Unlocked unlocked;
    network_ = std::make_shared<const nzip::Network>(in.span(), channels, layers);
  }
  const std::shared_ptr<const nzip::Network>& shared() const { return network_; }

 private:
  std::shared_ptr<const nzip::Network> network_;
};

// A language model's tokens. They never change, so every expert may hold the same vocabulary.
class PyVocabulary {
 public:
  explicit PyVocabulary(const std::vector<nb::bytes>& tokens) {
    std::vector<std::string_view> views;
    for (const nb::bytes& token : tokens) views.emplace_back(token.c_str(), token.size());
    vocabulary_ = std::make_shared<const nzip::Vocabulary>(views);
  }
  const std::shared_ptr<const nzip::Vocabulary>& shared() const { return vocabulary_; }

 private:
  std::shared_ptr<const nzip::Vocabulary> vocabulary_;
};

// A language model whose evaluation is Python's: an object with the methods begin(lanes) and evaluate(requests).
// They are called without more than the interpreter's lock, from the thread that codes.
class PyTokenExpert {
 public:
  PyTokenExpert(const PyVocabulary& vocabulary, uint32_t start, uint32_t skip, nb::object model) {
    if (start >= vocabulary.shared()->ids()) throw std::invalid_argument("no token has the id of the first one");
    auto calls = std::make_shared<Calls>(std::move(model), vocabulary.shared()->ids());
    expert_ = nzip::make_token_expert(
        {vocabulary.shared(), start, skip, [calls](uint32_t lanes) { calls->begin(lanes); },
         [calls](const std::vector<nzip::TokenRequest>& requests) { return calls->evaluate(requests); }});
  }
  const std::shared_ptr<nzip::ByteExpert>& shared() const { return expert_; }

 private:
  struct Calls {
    Calls(nb::object model, size_t ids) : model(std::move(model)), ids(ids) {}
    ~Calls() {
      nb::gil_scoped_acquire lock;
      logits.clear();
      model.reset();
    }
    void begin(uint32_t lanes) {
      nb::gil_scoped_acquire lock;
      model.attr("begin")(lanes);
    }
    std::vector<const float*> evaluate(const std::vector<nzip::TokenRequest>& requests) {
      nb::gil_scoped_acquire lock;
      nb::list list;
      for (const auto& [lane, forget, tokens] : requests) list.append(nb::make_tuple(lane, forget, tokens));
      logits.clear();
      std::vector<const float*> rows;
      for (nb::handle row : model.attr("evaluate")(list)) {
        const std::span<const uint8_t> bytes = logits.emplace_back(std::make_unique<Bytes>(row))->span();
        if (bytes.size() != ids * sizeof(float)) throw std::invalid_argument("a model gives other logits than tokens");
        rows.push_back(reinterpret_cast<const float*>(bytes.data()));
      }
      if (rows.size() != requests.size()) throw std::invalid_argument("a model does not answer each request");
      return rows;
    }

    nb::object model;
    size_t ids;
    std::vector<std::unique_ptr<Bytes>> logits;  // held while they are read
  };

  std::shared_ptr<nzip::ByteExpert> expert_;
};

// Engines keep it alive, too.
class PyExchange {
 public:
  explicit PyExchange(size_t devices) : exchange_(std::make_shared<nzip::Exchange>(devices)) {}
  const std::shared_ptr<nzip::Exchange>& shared() const { return exchange_; }

  // None when it was closed or the device is lost, else the requests of a batch and the blocks that ended.
  nb::object wait(size_t device, size_t positions) {
    std::optional<nzip::Exchange::Batch> batch;
    {
      const Unlocked unlocked;
      batch = exchange_->wait(device, positions);
    }
    if (!batch) return nb::none();
    nb::list requests;
    for (const nzip::Exchange::Request& r : batch->requests)
      requests.append(nb::make_tuple(r.block, r.lanes, r.steps, view(r.rows)));
    return nb::make_tuple(requests, nb::cast(batch->ended));
  }
  void answer(size_t device, nb::handle weights) {
    Bytes in(weights);
    const Unlocked unlocked;
    exchange_->answer(device, in.span());
  }
  void lose(size_t device) { exchange_->lose(device); }
  void close() { exchange_->close(); }

 private:
  static nb::object view(std::span<int32_t> values) {
    auto* data = reinterpret_cast<char*>(values.data());
    nb::object view =
        nb::steal(PyMemoryView_FromMemory(data, static_cast<Py_ssize_t>(values.size_bytes()), PyBUF_WRITE));
    if (!view.is_valid()) throw nb::python_error();
    return view;
  }

  std::shared_ptr<nzip::Exchange> exchange_;
};

class PyEngine {
 public:
  PyEngine(int profile, int table_log2, const PyNetwork* network, nb::handle start, const PyTokenExpert* expert,
           const PyExchange* exchange, uint32_t helpers, std::optional<uint64_t> coded_size)
      : profile_(profile), table_log2_(table_log2) {
    check_tables(profile, table_log2);
    nzip::EngineParts parts{profile, table_log2};
    if (network) parts.network = network->shared();
    if (expert) parts.expert = expert->shared();
    if (exchange) parts.exchange = exchange->shared();
    parts.helpers = helpers;
    if (coded_size) parts.coded_size = *coded_size;
    std::optional<Bytes> state;
    if (!start.is_none()) parts.start = state.emplace(start).span();
    engine_ = nzip::make_engine(parts);
  }

  // Takes a part of a snapshot; see Engine::restore.
  void restore(uint64_t at, nb::handle part) {
    Bytes in(part);
    const uint64_t size = nzip::snapshot_size(profile_), left = at < size ? size - at : 0;
    if (table_log2_ < nzip::kSnapshotLog2 || at % 64 || in.span().size() % 64 || in.span().size() > left)
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

  // None when the coded bytes would be more than `most`, by default one less than the plaintext's; the tables then hold
  // no defined state.
  nb::object encode(nb::handle plain, uint32_t lanes, const std::vector<SegmentTuple>& segments,
                    std::optional<size_t> most, const PyStop* stop) {
    Bytes in(plain);
    check_lanes(lanes);
    const auto list = to_segments(segments, in.span().size());
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
    const auto list = to_segments(segments, plain_size);
    const Busy busy(busy_);
    nb::object plain = nb::steal(PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(plain_size)));
    if (!plain.is_valid()) throw nb::python_error();
    auto* data = reinterpret_cast<uint8_t*>(PyBytes_AsString(plain.ptr()));
    const bool ok = run_unlocked([&] {
      return engine_->decode(in.span(), lanes, list, {data, static_cast<size_t>(plain_size)}, PyStop::of(stop));
    });
    if (!ok) throw std::invalid_argument("coded block ends too early");
    return plain;
  }

  void learn(nb::handle reference, const std::vector<SegmentTuple>& segments, const PyStop* stop) {
    Bytes in(reference);
    const auto list = to_segments(segments, in.span().size());
    const Busy busy(busy_);
    run_unlocked([&] { engine_->learn(in.span(), list, PyStop::of(stop)); });
  }

  uint64_t done() const { return engine_->done(); }

 private:
  int profile_, table_log2_;
  std::unique_ptr<nzip::Engine> engine_;
  std::atomic_flag busy_;
};

using RepeatTuple = std::tuple<uint64_t, uint64_t, uint64_t>;

std::vector<RepeatTuple> find_repeats(nb::handle plain) {
  Bytes in(plain);
  std::vector<nzip::Repeat> repeats;
  {
    const Unlocked unlocked;
    repeats = nzip::find_repeats(in.span());
  }
  std::vector<RepeatTuple> list;
  for (const auto& [gap, size, period] : repeats) list.emplace_back(gap, size, period);
  return list;
}

nb::object restore_repeats(nb::handle rest, const std::vector<RepeatTuple>& list, uint64_t plain_size) {
  if (plain_size > nzip::kMaxBlock) throw std::invalid_argument("a block is larger than 2^30 bytes");
  Bytes in(rest);
  std::vector<nzip::Repeat> repeats;
  for (const auto& [gap, size, period] : list) repeats.push_back({gap, size, period});
  nb::object plain = nb::steal(PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(plain_size)));
  if (!plain.is_valid()) throw nb::python_error();
  auto* data = reinterpret_cast<uint8_t*>(PyBytes_AsString(plain.ptr()));
  bool fits;
  {
    const Unlocked unlocked;
    fits = nzip::restore_repeats(in.span(), repeats, {data, static_cast<size_t>(plain_size)});
  }
  if (!fits) throw std::invalid_argument("its repeats do not fit its size");
  return plain;
}

nb::bytes sketch_of(nb::handle head) {
  const nzip::Sketch sketch = nzip::sketch_of(Bytes(head).span());
  return nb::bytes(sketch.data(), sizeof(sketch));
}

// Of sketches as sketch_of gives them.
std::vector<uint32_t> chain(const std::vector<nb::bytes>& list) {
  std::vector<nzip::Sketch> sketches(list.size());
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i].size() != sizeof(nzip::Sketch)) throw std::invalid_argument("not a sketch");
    std::memcpy(&sketches[i], list[i].data(), sizeof(nzip::Sketch));
  }
  return nzip::chain(sketches);
}

// The snapshot of a profile's tables after a prime.
nb::object warm(int profile, nb::handle prime, const PyStop* stop) {
  check_tables(profile, nzip::kSnapshotLog2);
  Bytes in(prime);
  if (in.span().size() > nzip::kMaxBlock) throw std::invalid_argument("a prime is larger than 2^30 bytes");
  nb::object snapshot =
      nb::steal(PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(nzip::snapshot_size(profile))));
  if (!snapshot.is_valid()) throw nb::python_error();
  auto* data = reinterpret_cast<uint8_t*>(PyBytes_AsString(snapshot.ptr()));
  run_unlocked([&] { nzip::make_engine({profile, nzip::kSnapshotLog2})->warm(in.span(), data, PyStop::of(stop)); });
  return snapshot;
}

// The coder by itself, for token models and for tests against the readable reference (nzip/coder/reference.py).
class PyEncoder {
 public:
  explicit PyEncoder(size_t capacity)
      : out_(new uint8_t[capacity]), capacity_(capacity), coder_(out_.get(), capacity) {}
  void encode_bit(int bit, uint32_t p1) {
    if (p1 == 0) throw std::invalid_argument("a probability of 0 cannot be coded");
    coder_.encode_bit(bit, p1);
  }
  void encode_symbol(uint32_t cumulative, uint32_t frequency, int total_log2) {
    check_interval(cumulative, frequency, total_log2);
    coder_.encode_symbol(cumulative, frequency, total_log2);
  }
  nb::bytes finish() {
    const size_t n = coder_.finish();
    if (n > capacity_) throw std::length_error("the coded bytes do not fit the capacity");
    return nb::bytes(reinterpret_cast<const char*>(out_.get()), n);
  }
  static void check_interval(uint32_t cumulative, uint32_t frequency, int total_log2) {
    if (total_log2 < 1 || total_log2 > 32 || frequency == 0 ||
        uint64_t(cumulative) + frequency > uint64_t(1) << total_log2)
      throw std::invalid_argument("not an interval of the total");
  }

 private:
  std::unique_ptr<uint8_t[]> out_;
  size_t capacity_;
  nzip::RangeEncoder coder_;
};

class PyDecoder {
 public:
  explicit PyDecoder(nb::bytes coded)
      : coded_(std::move(coded)), coder_(reinterpret_cast<const uint8_t*>(coded_.c_str()), coded_.size()) {}
  int decode_bit(uint32_t p1) {
    if (p1 == 0) throw std::invalid_argument("a probability of 0 cannot be coded");
    return coder_.decode_bit(p1);
  }
  uint32_t peek(int total_log2) const {
    PyEncoder::check_interval(0, 1, total_log2);
    return coder_.peek(total_log2);
  }
  void consume(uint32_t cumulative, uint32_t frequency, int total_log2) {
    PyEncoder::check_interval(cumulative, frequency, total_log2);
    coder_.consume(cumulative, frequency, total_log2);
  }
  bool exhausted() const { return coder_.exhausted(); }

 private:
  nb::bytes coded_;
  nzip::RangeDecoder coder_;
};

// The rows of the network's input tables from which each byte of a lane is predicted, as 32-bit integers.
nb::bytes input_rows(nb::handle data) {
  Bytes in(data);
  const std::span<const uint8_t> plain = in.span();
  std::vector<int32_t> rows(plain.size() * nzip::kInputTables);
  {
    const Unlocked unlocked;
    nzip::InputFeatures features;
    for (size_t i = 0; i < plain.size(); ++i) {
      features.rows(rows.data() + i * nzip::kInputTables);
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
  std::vector<uint16_t> rows((plain.size() - first) * nzip::glr2::kTables);
  {
    nb::gil_scoped_release release;
    static thread_local nzip::glr2::Statistics statistics;
    statistics.clear();
    nzip::glr2::Inputs inputs;
    for (size_t i = 0; i < plain.size(); ++i) {
      if (i >= first) inputs.rows(statistics, plain.data(), rows.data() + (i - first) * nzip::glr2::kTables);
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
  constexpr size_t kRow = sizeof(nzip::ByteWeights);
  if (plain.size() > size_t(PY_SSIZE_T_MAX) / kRow) throw std::bad_alloc();
  nb::object result = nb::steal(PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(plain.size() * kRow)));
  if (!result.is_valid()) throw nb::python_error();
  auto* to = PyBytes_AsString(result.ptr());
  const Unlocked unlocked;
  const auto evaluator = nzip::make_evaluator(network.shared());
  const auto scratch = std::make_unique<nzip::NetworkResiduals>();
  nzip::NetworkLane lane(*network.shared());
  std::vector<nzip::NetworkColumn> columns;
  std::vector<nzip::ByteWeights> weights(std::min(size_t(batch), plain.size()));
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

NB_MODULE(_native, m) {
  m.doc() = "nzip's native core: the context-mixing engine, byte networks and the range coder";
  m.attr("ENGINE_ID") = nzip::kEngineId;
  m.attr("ENGINE_REVISION") = nzip::kEngineRevision;
  m.attr("MAX_LANES") = nzip::kMaxLanes;
  m.attr("SNAPSHOT_LOG2") = nzip::kSnapshotLog2;
  nb::exception<nzip::Stopped>(m, "StoppedError");
  nb::class_<PyStop>(m, "Stop").def(nb::init<>()).def("set", &PyStop::set).def("check", &PyStop::check);
  m.def("simd_name", &nzip::simd_name);
  m.def("profile_exists", &nzip::profile_exists, nb::arg("profile"));
  m.def(
      "engine_memory",
      [](int profile, int table_log2, uint64_t run_bytes, uint32_t lanes, uint64_t reference) {
        check_tables(profile, table_log2);
        return nzip::engine_memory(profile, table_log2, reference, run_bytes, lanes);
      },
      nb::arg("profile"), nb::arg("table_log2"), nb::arg("run_bytes"), nb::arg("lanes"), nb::arg("reference") = 0);
  m.def(
      "detect",
      [](nb::handle plain, const PyStop* stop) {
        Bytes in(plain);
        std::vector<SegmentTuple> list;
        const std::vector<Segment> segments = run_unlocked([&] { return nzip::detect(in.span(), PyStop::of(stop)); });
        for (const Segment& s : segments) list.emplace_back(s.kind, s.param, s.length);
        return list;
      },
      nb::arg("plain"), nb::arg("stop") = nb::none());
  m.def(
      "find_utf16",
      [](nb::handle plain, const PyStop* stop) {
        Bytes in(plain);
        const std::vector<nzip::TextPiece> pieces =
            run_unlocked([&] { return nzip::find_utf16(in.span(), PyStop::of(stop)); });
        std::vector<std::tuple<uint32_t, uint64_t>> list;
        for (const nzip::TextPiece& piece : pieces) list.emplace_back(piece.width, piece.size);
        return list;
      },
      nb::arg("plain"), nb::arg("stop") = nb::none());
  m.def("sketch_of", &sketch_of, nb::arg("head"));
  m.def("chain", &chain, nb::arg("sketches"));
  m.def("find_repeats", &find_repeats, nb::arg("plain"));
  m.def("restore_repeats", &restore_repeats, nb::arg("rest"), nb::arg("repeats"), nb::arg("plain_size"));
  m.def("find_period", [](nb::handle plain) { return nzip::find_period(Bytes(plain).span()); }, nb::arg("plain"));
  m.def(
      "count_repeated",
      [](nb::handle unit, nb::handle more) { return nzip::count_repeated(Bytes(unit).span(), Bytes(more).span()); },
      nb::arg("unit"), nb::arg("more"));
  m.def(
      "snapshot_size",
      [](int profile) {
        check_tables(profile, nzip::kSnapshotLog2);
        return nzip::snapshot_size(profile);
      },
      nb::arg("profile"));
  m.def("warm", &warm, nb::arg("profile"), nb::arg("prime"), nb::arg("stop") = nb::none());
  nb::set_leak_warnings(false);  // what a daemon thread holds when the process ends is no leak
  m.def("stop", &Unlocked::stop);
  Unlocked::expect_forks();
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
  nb::class_<PyEncoder>(m, "RangeEncoder")
      .def(nb::init<size_t>(), nb::arg("capacity"))
      .def("encode_bit", &PyEncoder::encode_bit, nb::arg("bit"), nb::arg("p1"))
      .def("encode_symbol", &PyEncoder::encode_symbol, nb::arg("cumulative"), nb::arg("frequency"),
           nb::arg("total_log2"))
      .def("finish", &PyEncoder::finish);
  nb::class_<PyDecoder>(m, "RangeDecoder")
      .def(nb::init<nb::bytes>(), nb::arg("coded"))
      .def("decode_bit", &PyDecoder::decode_bit, nb::arg("p1"))
      .def("peek", &PyDecoder::peek, nb::arg("total_log2"))
      .def("consume", &PyDecoder::consume, nb::arg("cumulative"), nb::arg("frequency"), nb::arg("total_log2"))
      .def_prop_ro("exhausted", &PyDecoder::exhausted);
  nb::class_<PyEngine>(m, "Engine")
      .def(nb::init<int, int, const PyNetwork*, nb::handle, const PyTokenExpert*, const PyExchange*, uint32_t,
                    std::optional<uint64_t>>(),
           nb::arg("profile"), nb::arg("table_log2"), nb::arg("network") = nb::none(), nb::arg("start") = nb::none(),
           nb::arg("expert") = nb::none(), nb::arg("exchange") = nb::none(), nb::arg("helpers") = 0,
           nb::arg("coded_size") = nb::none())
      .def("start", &PyEngine::start)
      .def("restore", &PyEngine::restore, nb::arg("at"), nb::arg("part"))
      .def("learn", &PyEngine::learn, nb::arg("reference"), nb::arg("segments"), nb::arg("stop") = nb::none())
      .def("encode", &PyEngine::encode, nb::arg("plain"), nb::arg("lanes"), nb::arg("segments"),
           nb::arg("most") = nb::none(), nb::arg("stop") = nb::none())
      .def_prop_ro("done", &PyEngine::done)
      .def("decode", &PyEngine::decode, nb::arg("coded"), nb::arg("plain_size"), nb::arg("lanes"), nb::arg("segments"),
           nb::arg("stop") = nb::none());
}
