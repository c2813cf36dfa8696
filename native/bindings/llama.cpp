// Llama models in integers, made of the tensors of a GGUF file.
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <utility>

#include "bindings/experts.hpp"

namespace nzip::python {
namespace {

// What becomes of a tensor that Python gives; nothing where there is none.
template <class Made, class... More>
std::unique_ptr<Made> made_of(const nb::callable& tensor, const std::string& name, More&... more) {
  const nb::object given = tensor(name);
  if (given.is_none()) return nullptr;
  const auto [type, rows, columns, data] = nb::cast<std::tuple<uint32_t, uint32_t, uint32_t, nb::object>>(given);
  const Bytes bytes(data);
  const Unlocked unlocked;
  return std::make_unique<Made>(llama::Tensor{llama::TensorType(type), rows, columns, bytes.span()}, more...);
}

template <class Made, class... More>
std::unique_ptr<Made> needed(const nb::callable& tensor, const std::string& name, More&... more) {
  auto made = made_of<Made>(tensor, name, more...);
  if (!made) throw std::invalid_argument("there is no tensor " + name);
  return made;
}

}  // namespace

PyLlama::PyLlama(const Shape& shape, uint64_t epsilon, std::vector<uint64_t> turns, uint32_t query_scale,
                 const nb::callable& tensor) {
  auto model = std::make_shared<llama::Model>();
  llama::Shape& s = model->shape;
  std::tie(s.layers, s.width, s.heads, s.kv_heads, s.head_size, s.hidden, s.tokens) = shape;
  s.check();
  model->epsilon = epsilon;
  model->turns = std::move(turns);
  model->query_scale = query_scale;
  model->embedding = needed<llama::Matrix>(tensor, "token_embd", model->arena);
  model->output_norm = needed<llama::Norm>(tensor, "output_norm");
  model->own_output = made_of<llama::Matrix>(tensor, "output", model->arena);
  for (uint32_t i = 0; i < s.layers; ++i) {
    const std::string layer = "blk." + std::to_string(i) + ".";
    const auto matrix = [&](const char* name) {
      return std::move(*needed<llama::Matrix>(tensor, layer + name, model->arena));
    };
    const auto norm = [&](const char* name) { return std::move(*needed<llama::Norm>(tensor, layer + name)); };
    model->layers.push_back({norm("attn_norm"), matrix("attn_q"), matrix("attn_k"), matrix("attn_v"),
                             matrix("attn_output"), norm("ffn_norm"), matrix("ffn_gate"), matrix("ffn_up"),
                             matrix("ffn_down")});
  }
  model->check();
  model_ = std::move(model);
}

nb::object PyLlama::logits(const std::vector<uint32_t>& tokens, uint32_t context, uint32_t keeps, uint32_t batch,
                           uint32_t helpers) const {
  const llama::Shape& shape = model_->shape;
  if (batch < 1 || batch > llama::kBatch) throw std::invalid_argument("a batch has 1 to 64 tokens");
  if (std::ranges::any_of(tokens, [&](uint32_t token) { return token >= shape.tokens; }))
    throw std::invalid_argument("a token is none of the model's");
  nb::object result = new_bytes(tokens.size() * shape.tokens * sizeof(int32_t));
  auto* to = reinterpret_cast<int32_t*>(data_of(result));
  const Unlocked unlocked;
  const llama::Window window{context, keeps};
  window.check();
  const auto evaluator = llama::make_evaluator(model_);
  Crew crew(helpers);
  llama::Lane lane(shape, window);
  std::vector<int32_t> room;
  uint32_t node = llama::Lane::kNone;
  for (size_t at = 0; at < tokens.size(); at += batch) {
    lane.make_room(batch);
    std::vector<llama::Wanted> wanted;
    for (size_t i = at; i < std::min(tokens.size(), at + batch); ++i)
      wanted.push_back({&lane, node = lane.child(node, tokens[i]), true});
    const auto take = [&](const llama::Wanted& each, const int32_t* row) {
      std::copy_n(row, shape.tokens, to + (&each - wanted.data()) * ptrdiff_t(shape.tokens));
    };
    llama::evaluate(*evaluator, shape.tokens, wanted, room, crew, take);
    to += wanted.size() * shape.tokens;
    lane.take(node);
  }
  return result;
}

void bind_llama(nb::module_& m) {
  nb::class_<PyLlama>(m, "Llama")
      .def(nb::init<const PyLlama::Shape&, uint64_t, std::vector<uint64_t>, uint32_t, const nb::callable&>(),
           nb::arg("shape"), nb::arg("epsilon"), nb::arg("turns"), nb::arg("query_scale"), nb::arg("tensor"))
      .def_prop_ro("bytes", &PyLlama::bytes)
      .def("memory", &PyLlama::memory, nb::arg("context"), nb::arg("keeps"), nb::arg("lanes"))
      .def("logits", &PyLlama::logits, nb::arg("tokens"), nb::arg("context"), nb::arg("keeps"), nb::arg("batch"),
           nb::arg("helpers") = 0);
}

}  // namespace nzip::python
