// The evaluator, in the variant of the translation unit that includes this file. See docs/format/llama.md.
#pragma once

#include <cstdint>
#include <utility>

#include "experts/llama/attention.hpp"
#include "experts/llama/evaluator.hpp"
#include "experts/llama/gate.hpp"
#include "experts/llama/products.hpp"
#include "experts/llama/rotary.hpp"
#include "experts/llama/scratch.hpp"

namespace nzip::llama::NZIP_ISA {

class EvaluatorImpl final : public Evaluator {
 public:
  explicit EvaluatorImpl(std::shared_ptr<const Model> model) : model_(std::move(model)), shape_(model_->shape) {}

  void evaluate(std::span<const Column> columns, int32_t* logits, Crew& crew) const override {
    size_t blocks = 0;
    for (const Column& column : columns) blocks = std::max(blocks, column.visible.size());
    Scratch scratch(shape_, columns.size(), blocks, crew.workers());
    const auto count = uint32_t(columns.size());
    crew.run(count, [&](uint32_t n, uint32_t) {
      model_->embedding->row(columns[n].token, &scratch.residuals[n * shape_.width]);
      turns_at(model_->turns, columns[n].position, &scratch.turns[n * (shape_.head_size / 2)]);
    });
    for (uint32_t l = 0; l < shape_.layers; ++l) {
      attend(columns, scratch, l, crew);
      gate(count, scratch, model_->layers[l], crew);
    }
    put_logits(columns, scratch, logits, crew);
  }

  void move_first(Cache& cache, uint32_t from, uint32_t to, uint64_t position) const override {
    Turn turns[kMaxHeadSize / 2];
    turns_at(model_->turns, position, turns);
    for (uint32_t l = 0; l < shape_.layers; ++l)
      for (uint32_t h = 0; h < shape_.kv_heads; ++h) {
        if (from != to) cache.copy_value(l, h, from, to);
        put_key(cache, l, h, to, cache.first_key(l, h), turns);
      }
  }

 private:
  void attend(std::span<const Column> columns, Scratch& scratch, uint32_t l, Crew& crew) const {
    const Layer& layer = model_->layers[l];
    const auto count = uint32_t(columns.size());
    const uint32_t size = shape_.head_size;
    int32_t *query = scratch.products.data(), *key = query + count * shape_.query_width(),
            *value = key + count * shape_.key_width();
    put_norms(scratch, layer.attention_norm, count, crew);
    multiply({{layer.query, query}, {layer.key, key}, {layer.value, value}}, scratch.in, count, crew);
    crew.run(count, [&](uint32_t n, uint32_t) {
      for (uint32_t h = 0; h < shape_.kv_heads; ++h) {
        const size_t at = n * shape_.key_width() + h * size;
        const Column& column = columns[n];
        put_key(*column.cache, l, h, column.slot, key + at, &scratch.turns[n * (size / 2)]);
        put_value(*column.cache, l, h, column.slot, value + at);
        if (column.is_first) std::copy_n(key + at, size, column.cache->first_key(l, h));
      }
    });
    attend_all(columns, scratch, l, crew);
    crew.run(count, [&](uint32_t n, uint32_t) { finish(scratch.heads, n); });
    add_product(scratch, layer.out, scratch.heads, count, crew);
  }

  // Columns that read the same keys come one after another; heads of the same keys together, unless that leaves too few
  // parts to share.
  void attend_all(std::span<const Column> columns, Scratch& scratch, uint32_t l, Crew& crew) const {
    const auto count = uint32_t(columns.size());
    const uint32_t group = shape_.heads / shape_.kv_heads, heads = std::min(group, kGroup);
    const bool is_enough = crew.workers() == 1 || count * shape_.kv_heads >= 4 * crew.workers();
    const uint32_t together = is_enough ? heads : (heads + 1) / 2, parts = (group + together - 1) / together;
    crew.run(shape_.kv_heads * parts * count, [&](uint32_t piece, uint32_t worker) {
      const uint32_t n = piece % count, h = piece / count / parts, g = piece / count % parts * together;
      attend(columns[n], scratch, l, h, h * group + g, std::min(together, group - g), n, scratch.shares[worker]);
    });
  }

  // Heads from `first` on, at most kGroup, take from the values of a key's head `h`.
  void attend(const Column& column, Scratch& scratch, uint32_t l, uint32_t h, uint32_t first, uint32_t heads, size_t n,
              Shares& shares) const {
    const uint32_t size = shape_.head_size;
    const int32_t* query = &scratch.products[n * shape_.query_width() + first * size];
    int64_t turned[kMaxHeadSize], taken[kGroup * kMaxHeadSize];
    int8_t small[kGroup * kMaxHeadSize];
    int exponents[kGroup], units[kGroup];
    for (uint32_t g = 0; g < heads; ++g) {
      turn(query + g * size, {&scratch.turns[n * (size / 2)], size / 2}, turned);
      for (uint32_t i = 0; i < size; ++i) turned[i] *= model_->query_scale;
      exponents[g] = quantize(turned, size, small + g * size) - 40;
    }
    take(heads, small, exponents, column, l, h, size, shares, taken, units);
    for (uint32_t b = 0; b < heads * size / kBlock; ++b)
      put(scratch.heads, n, first * size / kBlock + b, taken + b * kBlock, units[b * kBlock / size]);
  }

  void gate(uint32_t count, Scratch& scratch, const Layer& layer, Crew& crew) const {
    int32_t *gates = scratch.products.data(), *ups = gates + count * shape_.hidden;
    put_norms(scratch, layer.hidden_norm, count, crew);
    multiply({{layer.gate, gates}, {layer.up, ups}}, scratch.in, count, crew);
    crew.run(count, [&](uint32_t n, uint32_t) {
      int64_t block[kBlock];
      for (uint32_t b = 0; b < shape_.hidden / kBlock; ++b) {
        const size_t at = n * shape_.hidden + b * kBlock;
        let_through(gates + at, ups + at, block);
        put(scratch.hidden, n, b, block, -32);
      }
      finish(scratch.hidden, n);
    });
    add_product(scratch, layer.down, scratch.hidden, count, crew);
  }

  void put_norms(Scratch& scratch, const Norm& norm, uint32_t count, Crew& crew) const {
    crew.run(count, [&](uint32_t n, uint32_t) {
      put_norm(&scratch.residuals[n * shape_.width], norm, model_->epsilon, scratch.in, n);
    });
  }

  static void add_product(Scratch& scratch, const Matrix& matrix, const Activations& x, uint32_t count, Crew& crew) {
    constexpr int64_t kMost = INT32_MAX;
    multiply({{matrix, scratch.products.data()}}, x, count, crew);
    crew.run(count, [&](uint32_t n, uint32_t) {
      const int32_t* products = &scratch.products[n * matrix.rows()];
      int32_t* to = &scratch.residuals[n * matrix.rows()];
      for (size_t i = 0; i < matrix.rows(); ++i)
        to[i] = int32_t(std::min(std::max(int64_t(to[i]) + products[i], -kMost), kMost));
    });
  }

  void put_logits(std::span<const Column> columns, Scratch& scratch, int32_t* logits, Crew& crew) const {
    size_t asked = 0;
    for (size_t n = 0; n < columns.size(); ++n)
      if (columns[n].asked)
        put_norm(&scratch.residuals[n * shape_.width], *model_->output_norm, model_->epsilon, scratch.in, asked++);
    multiply({{model_->output(), logits}}, scratch.in, asked, crew);
  }

  void put_key(Cache& cache, uint32_t l, uint32_t h, uint32_t slot, const int32_t* key, const Turn* turns) const {
    int64_t turned[kMaxHeadSize];
    int8_t small[kMaxHeadSize];
    turn(key, {turns, shape_.head_size / 2}, turned);
    const int exponent = quantize(turned, shape_.head_size, small);
    cache.put_key(l, h, slot, small, uint8_t(exponent));
  }

  void put_value(Cache& cache, uint32_t l, uint32_t h, uint32_t slot, const int32_t* value) const {
    int64_t wide[kMaxHeadSize];
    int8_t small[kMaxHeadSize];
    for (uint32_t i = 0; i < shape_.head_size; ++i) wide[i] = value[i];
    const int exponent = quantize(wide, shape_.head_size, small);
    cache.put_value(l, h, slot, small, uint8_t(exponent));
  }

  std::shared_ptr<const Model> model_;
  const Shape& shape_;
};

std::unique_ptr<Evaluator> make_evaluator(std::shared_ptr<const Model> model) {
  return std::make_unique<EvaluatorImpl>(std::move(model));
}

}  // namespace nzip::llama::NZIP_ISA
