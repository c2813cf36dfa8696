// The experts as Python holds them; an engine takes them.
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings/common.hpp"
#include "engine/engine.hpp"
#include "experts/llama/session.hpp"
#include "experts/network/exchange.hpp"
#include "experts/network/forecast.hpp"
#include "experts/network/network.hpp"
#include "experts/token/expert.hpp"

namespace nzip::python {

// What predicts beside the contexts of one engine.
class PyExpert {
 public:
  explicit PyExpert(ExpertPart part) : part_(std::move(part)) {}
  // For the engine, of which there is one.
  ExpertPart take() {
    if (!part_.expert) throw std::invalid_argument("an expert is another engine's");
    return std::exchange(part_, {});
  }

 private:
  ExpertPart part_;
};

// Engines keep it alive, too.
class PyExchange {
 public:
  explicit PyExchange(size_t devices) : exchange_(std::make_shared<Exchange>(devices)) {}
  const std::shared_ptr<Exchange>& shared() const { return exchange_; }

  // None when it was closed or the device is lost, else the requests of a batch and the blocks that ended.
  nb::object wait(size_t device, size_t positions) {
    std::optional<Exchange::Batch> batch;
    {
      const Unlocked unlocked;
      batch = exchange_->wait(device, positions);
    }
    if (!batch) return nb::none();
    nb::list requests;
    for (const Exchange::Request& r : batch->requests)
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

  std::shared_ptr<Exchange> exchange_;
};

// Networks never change, so every engine and thread may hold the same one.
class PyNetwork {
 public:
  PyNetwork(nb::handle tensors, const std::string& architecture, int channels, int layers) {
    Bytes in(tensors);
    const Unlocked unlocked;
    network_ = std::make_shared<const Network>(in.span(), architecture_named(architecture), channels, layers);
  }
  const std::shared_ptr<const Network>& shared() const { return network_; }

  // It is evaluated where the exchange has devices, else here, with `helpers` threads beside the one that codes.
  PyExpert expert(const PyExchange* exchange, uint32_t helpers) const {
    return PyExpert({ExpertKind::kNetwork,
                     std::make_shared<LaneForecasts>(network_, exchange ? exchange->shared() : nullptr, helpers)});
  }
  uint64_t memory(uint32_t lanes, bool exchange) const { return LaneForecasts::memory(*network_, lanes, exchange); }

 private:
  std::shared_ptr<const Network> network_;
};

// A language model's tokens. They never change, so every expert may hold the same vocabulary.
class PyVocabulary {
 public:
  explicit PyVocabulary(const std::vector<nb::bytes>& tokens) {
    std::vector<std::string_view> views;
    for (const nb::bytes& token : tokens) views.emplace_back(token.c_str(), token.size());
    vocabulary_ = std::make_shared<const Vocabulary>(views);
  }
  const std::shared_ptr<const Vocabulary>& shared() const { return vocabulary_; }

 private:
  std::shared_ptr<const Vocabulary> vocabulary_;
};

// A Llama model in integers. It never changes, so every expert may hold the same one.
class PyLlama {
 public:
  using Shape = std::tuple<uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t>;

  // tensor: gives by name a tensor's type, rows, columns and bytes, or None; one at a time, so that no two of them are
  // in memory.
  PyLlama(const Shape& shape, uint64_t epsilon, std::vector<uint64_t> turns, uint32_t query_scale,
          const nb::callable& tensor);

  const std::shared_ptr<const llama::Model>& shared() const { return model_; }
  uint64_t bytes() const { return model_->bytes(); }
  uint64_t memory(uint32_t context, uint32_t keeps, uint32_t lanes) const {
    return llama::Session::memory(model_->shape, {context, keeps}, lanes);
  }
  // The logits behind each token, of which `batch` are evaluated together, in 2^-16.
  nb::object logits(const std::vector<uint32_t>& tokens, uint32_t context, uint32_t keeps, uint32_t batch,
                    uint32_t helpers) const;

 private:
  std::shared_ptr<const llama::Model> model_;
};

// A language model whose evaluation is Python's: an object with the methods begin(lanes) and evaluate(requests).
// They are called without more than the interpreter's lock, from the thread that codes.
class PyTokenExpert : public PyExpert {
 public:
  PyTokenExpert(const PyVocabulary& vocabulary, uint32_t start, uint32_t skip, nb::object model)
      : PyTokenExpert(vocabulary, start, skip, std::make_shared<Calls>(std::move(model), vocabulary.shared())) {}
  // One whose model is evaluated here, in integers, by `helpers` threads beside the one that codes.
  PyTokenExpert(const PyVocabulary& vocabulary, uint32_t start, uint32_t skip, const PyLlama& model, uint32_t context,
                uint32_t keeps, uint32_t helpers)
      : PyTokenExpert(vocabulary, start, skip,
                      std::make_shared<llama::Session>(model.shared(), vocabulary.shared(),
                                                       llama::Window{context, keeps}, helpers)) {}

  static uint64_t memory(const PyVocabulary& vocabulary, uint32_t lanes) {
    return token_expert_memory(*vocabulary.shared(), lanes);
  }

 private:
  struct Calls {
    Calls(nb::object model, std::shared_ptr<const Vocabulary> vocabulary)
        : model(std::move(model)), vocabulary(std::move(vocabulary)) {}
    ~Calls() {
      nb::gil_scoped_acquire lock;
      model.reset();
    }
    void begin(uint32_t lanes) {
      nb::gil_scoped_acquire lock;
      model.attr("begin")(lanes);
    }
    std::vector<const uint16_t*> evaluate(const std::vector<TokenRequest>& requests) {
      nb::gil_scoped_acquire lock;
      nb::list list;
      for (const TokenRequest& r : requests) list.append(nb::make_tuple(r.lane, r.forget, r.tokens));
      below.clear();
      std::vector<const uint16_t*> rows;
      for (nb::handle row : model.attr("evaluate")(list)) {
        const Bytes logits(row);
        if (logits.span().size() != vocabulary->ids() * sizeof(float))
          throw std::invalid_argument("a model gives other logits than tokens");
        below.push_back(std::make_unique<uint16_t[]>(vocabulary->order().size()));
        below_top(reinterpret_cast<const float*>(logits.span().data()), *vocabulary, below.back().get());
        rows.push_back(below.back().get());
      }
      if (rows.size() != requests.size()) throw std::invalid_argument("a model does not answer each request");
      return rows;
    }

    nb::object model;
    std::shared_ptr<const Vocabulary> vocabulary;
    std::vector<std::unique_ptr<uint16_t[]>> below;  // held while they are read
  };

  template <class Session>
  PyTokenExpert(const PyVocabulary& vocabulary, uint32_t start, uint32_t skip, std::shared_ptr<Session> session)
      : PyExpert({ExpertKind::kLanguageModel, make_token_expert({vocabulary.shared(), checked(start, vocabulary), skip,
                                                                 [session](uint32_t lanes) { session->begin(lanes); },
                                                                 [session](const std::vector<TokenRequest>& requests) {
                                                                   return session->evaluate(requests);
                                                                 }})}) {}

  static uint32_t checked(uint32_t start, const PyVocabulary& vocabulary) {
    if (start >= vocabulary.shared()->ids()) throw std::invalid_argument("no token has the id of the first one");
    return start;
  }
};

}  // namespace nzip::python
