// A Llama model whose weights are integers. It never changes, so any number of threads may share it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "experts/llama/matrix.hpp"
#include "experts/llama/shape.hpp"

namespace nzip::llama {

// The factors of a norm: value[i] * 2^exponent, |value[i]| <= 2^23.
struct Norm {
  explicit Norm(const Tensor& tensor);

  std::vector<int32_t> value;
  int exponent;
};

struct Layer {
  Norm attention_norm;
  Matrix query, key, value, out;
  Norm hidden_norm;
  Matrix gate, up, down;
};

struct Model {
  // Throws std::invalid_argument where tensors have not the shapes that they must have.
  void check() const;

  uint64_t bytes() const;  // of all matrices
  const Matrix& output() const { return own_output ? *own_output : *embedding; }

  ZeroedArena arena;  // of all matrices
  Shape shape;
  uint64_t epsilon;                   // of the norms: its width-fold in 2^-32
  std::vector<uint64_t> turns;        // by pair of a head's channels: of a position, in 2^-64 of a turn
  uint32_t query_scale;               // log2(e) / sqrt(head size) in 2^-24
  std::unique_ptr<Matrix> embedding;  // by token
  std::vector<Layer> layers;
  std::unique_ptr<Norm> output_norm;
  std::unique_ptr<Matrix> own_output;  // null: the embedding
};

}  // namespace nzip::llama
