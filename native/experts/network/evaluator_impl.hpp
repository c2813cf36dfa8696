// The evaluator of one instruction set. docs/model.md has the arithmetic; names are as there.
#pragma once

#include "experts/network/evaluator.hpp"
#include "experts/network/norm.hpp"
#include "experts/network/products.hpp"
#include "experts/network/rows.hpp"

namespace nzip::NZIP_ISA {

constexpr int kGroup = 4;  // columns for which a weight is read once
constexpr int32_t kResidualBound = (1 << 19) - 1, kActivationBound = 127;

inline Vector hyperbolic_tangent(Vector a) {
  const Vector u = subtract(all(2048), smaller(magnitude(a), all(2048)));
  return signed_as(subtract(all(16384), shift<8>(multiply(u, u))), a);
}

inline Vector sigmoid(Vector a) {
  const Vector u = subtract(all(4096), smaller(magnitude(a), all(4096)));
  return add(all(16384), signed_as(subtract(all(16384), shift<10>(multiply(u, u))), a));
}

class Evaluator final : public NetworkEvaluator {
 public:
  explicit Evaluator(std::shared_ptr<const Network> network) : network_(std::move(network)) {}

  int stages() const override { return network_->layers + 1; }

  void pass(int stage, std::span<const NetworkColumn> batch, NetworkResiduals& residuals) const override {
    const NetworkColumn* columns = batch.data();
    const int count = int(batch.size());
    Residual* h = residuals.value;
    if (stage == 0)
      for (int i = 0; i < count; ++i) residual_rows(columns[i], h[i]);
    if (stage < network_->layers)
      each_group(count, [&]<int N>(int first) { layer<N>(stage, columns + first, h + first); });
    else
      each_group(count, [&]<int N>(int first) { output<N>(h + first, columns + first); });
  }

 private:
  template <class Call>
  static void each_group(int count, Call call) {
    int first = 0;
    for (; first + kGroup <= count; first += kGroup) call.template operator()<kGroup>(first);
    if (count - first >= 2) call.template operator()<2>(first), first += 2;
    if (count > first) call.template operator()<1>(first);
  }

  using Residual = int32_t[kMaxChannels];  // h
  struct Gates {
    alignas(64) int32_t value[3 * kMaxChannels];  // a
  };

  template <int N>
  void layer(int l, const NetworkColumn* columns, Residual* h) const {
    const NetworkLayer& layer = network_->layer[l];
    const int d = network_->channels;
    Gates gates[N];
    Activations activations[N];
    if (l == 0) {
      for (int n = 0; n < N; ++n) gate_rows(columns[n], gates[n].value);
    } else {
      for (int n = 0; n < N; ++n) norm(h[n], activations[n]);
      multiply<N>(layer.gates, d, activations, [&](int n, int row, Vector scaled) {
        store(gates[n].value + row, add(scaled, load_inputs(layer.gate_bias + row)));
      });
    }
    for (int n = 0; n < N; ++n) step(gates[n].value, columns[n].cells + l * d, activations[n]);
    multiply<N>(layer.cell, d, activations, [&](int n, int row, Vector scaled) {
      store(h[n] + row, bounded(add(load(h[n] + row), scaled), all(kResidualBound)));
    });
  }

  template <int N>
  void output(const Residual* h, const NetworkColumn* columns) const {
    Gates logits[N];
    Activations activations[N];
    for (int n = 0; n < N; ++n) norm(h[n], activations[n]);
    multiply<N>(network_->output, network_->channels, activations, [&](int n, int row, Vector scaled) {
      store(logits[n].value + row, add(scaled, load_inputs(network_->output_bias + row)));
    });
    for (int n = 0; n < N; ++n) weigh(logits[n].value, *columns[n].out);
  }

  void gate_rows(const NetworkColumn& column, int32_t* a) const {
    const int width = 3 * network_->channels;
    alignas(64) int16_t sum[3 * kMaxChannels];
    sum_rows(network_->gate_tables, column.row, width, sum);
    for (int j = 0; j < width; j += kElements)
      store(a + j, add(multiply(load_inputs(sum + j), all(32)), load_inputs(network_->layer[0].gate_bias + j)));
  }

  void residual_rows(const NetworkColumn& column, int32_t* h) const {
    const int width = network_->channels;
    alignas(64) int16_t sum[kMaxChannels];
    sum_rows(network_->residual_tables, column.row + network_->gate_tables.size(), width, sum);
    for (int j = 0; j < width; j += kElements) store(h + j, multiply(load_inputs(sum + j), all(128)));
  }

  // The recurrence: a column's gates change its lane's cells, whose output is y.
  void step(const int32_t* a, int32_t* cells, Activations& y) const {
    const int d = network_->channels;
    Vector sum = zero();
    for (int j = 0; j < d; j += kElements) {
      const Vector z = hyperbolic_tangent(load(a + j)), g = sigmoid(load(a + d + j)), o = sigmoid(load(a + 2 * d + j));
      Vector c = load(cells + j);
      c = add(c, shift<7>(add(multiply(subtract(z, shift<8>(c)), g), all(64))));
      store(cells + j, c);
      const Vector out = shift<22>(add(multiply(o, shift<8>(c)), all(1 << 21)));
      const Vector held = bounded(out, all(kActivationBound));
      store_bytes(y.value + j, held);
      sum = add(sum, held);
    }
    y.start = -8 * sum_of(sum);
  }

  void norm(const int32_t* h, Activations& x) const {
    const int d = network_->channels;
    SumOfSquares squares;
    for (int j = 0; j < d; j += kElements) squares.add(load(h + j));
    const NormFactor factor = norm_factor(squares.total() + 168 * uint64_t(d), network_->norm_scale);
    const Vector half = all(1 << (factor.shift - 1)), multiplier = all(factor.multiplier);
    Vector sum = zero();
    for (int j = 0; j < d; j += kElements) {
      const Vector scaled = shift_by(add(multiply(load(h + j), multiplier), half), factor.shift);
      const Vector held = bounded(scaled, all(kActivationBound));
      store_bytes(x.value + j, held);
      sum = add(sum, held);
    }
    x.start = -8 * sum_of(sum);
  }

  static void weigh(const int32_t* logit, ByteWeights& out) {
    Vector top = load(logit);
    for (int i = kElements; i < 256; i += kElements) top = larger(top, load(logit + i));
    top = all(largest_of(top));
    for (int i = 0; i < 256; i += kElements) {
      const Vector t = subtract(top, load(logit + i)), f = both(t, all(1023));
      const Vector slope = subtract(all(2751), shift<10>(multiply(f, all(703))));
      const Vector v = subtract(all(1 << 22), multiply(f, slope));
      const Vector weight = larger(shift_each(v, smaller(shift<10>(t), all(31))), all(1));
      store(reinterpret_cast<int32_t*>(out.value) + i, weight);
    }
  }

  std::shared_ptr<const Network> network_;
};

std::unique_ptr<NetworkEvaluator> make_evaluator(std::shared_ptr<const Network> network) {
  return std::make_unique<Evaluator>(std::move(network));
}

}  // namespace nzip::NZIP_ISA
