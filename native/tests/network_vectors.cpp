// Evaluates the networks of a file of vectors and compares, on any machine that the core builds for:
//   nzip_network_vectors FILE
// The file is made by tests/make_network_vectors.py; its layout is described there.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/simd_choice.hpp"
#include "experts/network/block_inputs.hpp"
#include "experts/network/cells.hpp"
#include "experts/network/relay.hpp"
#include "tests/reader.hpp"

namespace {

using nzip::ByteWeights;

using NetworkPointer = std::shared_ptr<const nzip::Network>;

// Lanes of the same length, which make up a block.
class Lanes {
 public:
  Lanes(const NetworkPointer& network, std::span<const uint8_t> data, uint32_t count)
      : inputs_(nzip::make_inputs(network->architecture, data.data(), {0, uint32_t(data.size()), count}, count)),
        cells_(count, nzip::NetworkCells(*network)) {}

  // Adds the columns of a round, whose predictions go to one place for each lane.
  void round(uint32_t round, std::vector<nzip::NetworkColumn>& columns, ByteWeights* out) {
    for (uint32_t i = 0; i < cells_.size(); ++i) {
      nzip::NetworkColumn& column = columns.emplace_back();
      column.cells = cells_[i].data();
      column.out = out + i;
      inputs_->rows(i, round, column.row);
    }
    for (uint32_t i = 0; i < cells_.size(); ++i) inputs_->push(i, round);
  }

 private:
  std::unique_ptr<nzip::BlockInputs> inputs_;
  std::vector<nzip::NetworkCells> cells_;
};

// The weights at every position of the lanes, position by position, each of all lanes. `depth` positions of every lane
// are evaluated by one call.
std::vector<ByteWeights> evaluate(const NetworkPointer& network, std::span<const uint8_t> data, size_t lane_count,
                                  size_t depth) {
  const size_t length = data.size() / lane_count;
  const auto evaluator = nzip::make_evaluator(network);
  const auto scratch = std::make_unique<nzip::NetworkResiduals>();
  Lanes lanes(network, data, uint32_t(lane_count));
  std::vector<ByteWeights> all(lane_count * length);
  for (size_t at = 0; at < length; at += depth) {
    std::vector<nzip::NetworkColumn> columns;
    for (size_t p = at; p < std::min(length, at + depth); ++p) lanes.round(uint32_t(p), columns, &all[p * lane_count]);
    evaluator->evaluate(columns, *scratch, {});
  }
  return all;
}

// The same of one lane, with threads that help.
std::vector<ByteWeights> relayed(const NetworkPointer& network, std::span<const uint8_t> data, uint32_t helpers) {
  const uint32_t depth = nzip::kBatchColumns, length = uint32_t(data.size()), batches = (length + depth - 1) / depth;
  Lanes lane(network, data, 1);
  nzip::Relay relay(nzip::make_evaluator(network), helpers, batches, [&](uint32_t batch, auto& columns, auto* out) {
    for (uint32_t p = batch * depth; p < std::min(length, (batch + 1) * depth); ++p) lane.round(p, columns, out++);
  });
  std::vector<ByteWeights> all(length);
  for (uint32_t at = 0; at < length; at += depth) std::copy_n(relay.next(), std::min(depth, length - at), &all[at]);
  return all;
}

int check(const char* path) {
  Reader in(path, "NZW2");
  int vectors = 0;
  for (; !in.at_end(); ++vectors) {
    const auto architecture = nzip::architecture_named("glr" + std::to_string(in.number(4)));
    const int channels = int(in.number(4)), layers = int(in.number(4));
    const size_t lanes = in.number(4), length = in.number(4);
    const auto tensors = in.take(nzip::Network::tensor_bytes(architecture, channels, layers));
    const auto network = std::make_shared<const nzip::Network>(tensors, architecture, channels, layers);
    const auto data = in.take(lanes * length);
    std::vector<ByteWeights> expected(lanes * length);
    for (ByteWeights& weights : expected)
      for (uint32_t& value : weights.value) value = uint32_t(in.number(4));
    const auto right = [&](const std::vector<ByteWeights>& weights, const char* how, size_t count) {
      for (size_t i = 0; i < weights.size(); ++i)
        if (!std::equal(weights[i].value, weights[i].value + 256, expected[i].value)) {
          std::printf("vector %d, %zu %s: other weights in lane %zu at %zu\n", vectors, count, how, i % lanes,
                      i / lanes);
          return false;
        }
      return true;
    };
    for (size_t depth : {1, 2, 7, 64})
      if (!right(evaluate(network, data, lanes, depth), "positions at once", depth)) return 1;
    if (lanes > 1) continue;
    for (uint32_t helpers : {0, 1, 3})
      if (!right(relayed(network, data, helpers), "helpers", helpers)) return 1;
  }
  std::printf("%d networks, %s\n", vectors, nzip::simd_name());
  return 0;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) throw std::runtime_error("usage: nzip_network_vectors FILE");
  return check(argv[1]);
} catch (const std::exception& e) {
  std::fprintf(stderr, "nzip_network_vectors: %s\n", e.what());
  return 2;
}
