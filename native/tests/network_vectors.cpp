// Evaluates the networks of a file of vectors and compares, on any machine that the core builds for:
//   nzip_network_vectors FILE
// The file is made by tests/make_network_vectors.py; its layout is described there.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <vector>

#include "base/simd_choice.hpp"
#include "experts/network/lane.hpp"
#include "experts/network/relay.hpp"
#include "tests/reader.hpp"

namespace {

using nzip::ByteWeights;

// The weights at every position of the lanes, which have the same length: position by position, each of all lanes.
// `depth` positions of every lane are evaluated by one call, lane by lane.
std::vector<ByteWeights> evaluate(const std::shared_ptr<const nzip::Network>& network, std::span<const uint8_t> data,
                                  size_t lane_count, size_t depth) {
  const size_t length = data.size() / lane_count;
  const auto evaluator = nzip::make_evaluator(network);
  const auto scratch = std::make_unique<nzip::NetworkResiduals>();
  std::vector<nzip::NetworkLane> lanes(lane_count, nzip::NetworkLane(*network));
  std::vector<ByteWeights> all(lane_count * length);
  for (size_t at = 0; at < length; at += depth) {
    const size_t count = std::min(depth, length - at);
    std::vector<nzip::NetworkColumn> columns;
    for (size_t i = 0; i < lane_count; ++i) {
      const uint8_t* lane = data.data() + i * length;
      for (size_t p = at; p < at + count; ++p) {
        columns.push_back(lanes[i].column(&all[p * lane_count + i]));
        lanes[i].push(lane, p, lane[p]);
      }
    }
    evaluator->evaluate(columns, *scratch, {});
  }
  return all;
}

// The same of one lane, with threads that help.
std::vector<ByteWeights> relayed(const std::shared_ptr<const nzip::Network>& network, std::span<const uint8_t> data,
                                 uint32_t helpers) {
  const uint32_t depth = nzip::kBatchColumns, length = uint32_t(data.size()), batches = (length + depth - 1) / depth;
  nzip::NetworkLane lane(*network);
  nzip::Relay relay(nzip::make_evaluator(network), helpers, batches, [&](uint32_t batch, auto& columns, auto* out) {
    for (uint32_t p = batch * depth; p < std::min(length, (batch + 1) * depth); ++p) {
      columns.push_back(lane.column(out++));
      lane.push(data.data(), p, data[p]);
    }
  });
  std::vector<ByteWeights> all(length);
  for (uint32_t at = 0; at < length; at += depth) std::copy_n(relay.next(), std::min(depth, length - at), &all[at]);
  return all;
}

int check(const char* path) {
  Reader in(path, "NZW1");
  int vectors = 0;
  for (; !in.at_end(); ++vectors) {
    const int channels = int(in.number(4)), layers = int(in.number(4));
    const size_t lanes = in.number(4), length = in.number(4);
    const auto tensors = in.take(nzip::Network::tensor_bytes(channels, layers));
    const auto network = std::make_shared<const nzip::Network>(tensors, channels, layers);
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
