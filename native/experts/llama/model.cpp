#include "experts/llama/model.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <stdexcept>

namespace nzip::llama {
namespace {

void require(bool holds, const char* what) {
  if (!holds) throw std::invalid_argument(what);
}

bool is(const Matrix& matrix, uint32_t rows, uint32_t columns) {
  return matrix.rows() == rows && matrix.columns() == columns;
}

}  // namespace

void Shape::check() const {
  require(layers >= 1 && layers <= kMaxLayers, "a model has 1 to 1,024 layers");
  require(width % kBlock == 0 && width >= kBlock && width <= kMaxWidth, "the width is no multiple of 32 up to 16,384");
  require(hidden % kBlock == 0 && hidden >= kBlock && hidden <= kMaxHidden,
          "the gated layer's width is no multiple of 32 up to 65,536");
  require(head_size % kBlock == 0 && head_size >= kBlock && head_size <= kMaxHeadSize,
          "the size of heads is no multiple of 32 up to 256");
  require(kv_heads >= 1 && heads >= kv_heads && heads % kv_heads == 0 && heads <= kMaxWidth / head_size,
          "heads do not share keys evenly");
  require(tokens >= 2 && tokens <= kMaxTokens, "a vocabulary has 2 to 262,144 tokens");
}

Norm::Norm(const Tensor& tensor) {
  check_tensor(tensor);
  require(tensor.rows == 1, "a norm is no vector");
  int64_t top = 0;
  const std::vector<int64_t> row = read_row(tensor, 0);
  for (int64_t v : row) top = std::max(top, std::abs(v));
  const int shift = std::max(0, int(std::bit_width(uint64_t(top))) - 23);
  exponent = shift - kUnit;
  for (int64_t v : row) value.push_back(int32_t((v + (int64_t(1) << shift >> 1)) >> shift));
}

uint64_t Model::bytes() const {
  uint64_t sum = embedding->bytes() + (own_output ? own_output->bytes() : 0);
  for (const Layer& l : layers)
    for (const Matrix* m : {&l.query, &l.key, &l.value, &l.out, &l.gate, &l.up, &l.down}) sum += m->bytes();
  return sum;
}

void Model::check() const {
  shape.check();
  const auto [layer_count, width, heads, kv_heads, head_size, hidden, tokens] = shape;
  require(turns.size() == head_size / 2, "not every pair of channels turns");
  require(is(*embedding, tokens, width) && is(output(), tokens, width), "an embedding has another shape");
  require(output_norm->value.size() == width && layers.size() == layer_count, "layers are missing");
  for (const Layer& layer : layers) {
    require(layer.attention_norm.value.size() == width && layer.hidden_norm.value.size() == width &&
                is(layer.query, shape.query_width(), width) && is(layer.key, shape.key_width(), width) &&
                is(layer.value, shape.key_width(), width) && is(layer.out, width, shape.query_width()) &&
                is(layer.gate, hidden, width) && is(layer.up, hidden, width) && is(layer.down, width, hidden),
            "a layer's tensors have other shapes");
  }
}

}  // namespace nzip::llama
