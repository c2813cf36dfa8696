// Evaluates the networks of a file of vectors and compares, on any machine that the core builds for:
//   nzip_network_vectors FILE
// The file is made by tests/make_network_vectors.py; its layout is described there.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <vector>

#include "cm/engine.hpp"
#include "net/lane.hpp"
#include "tests/reader.hpp"

namespace {

using nzip::ByteWeights;

// The weights at every position of the lanes, which have the same length: position by position, each of all lanes.
// `depth` positions of every lane are evaluated by one call, lane by lane.
std::vector<ByteWeights> evaluate(const std::shared_ptr<const nzip::Network>& network, std::span<const uint8_t> data,
                                  size_t lane_count, size_t depth) {
  const size_t length = data.size() / lane_count;
  const auto evaluator = nzip::make_evaluator(network);
  std::vector<nzip::NetworkLane> lanes(lane_count, nzip::NetworkLane(*network));
  std::vector<ByteWeights> all(lane_count * length), some(lane_count * depth);
  for (size_t at = 0; at < length; at += depth) {
    const size_t count = std::min(depth, length - at);
    std::vector<nzip::NetworkColumn> columns;
    for (size_t i = 0; i < lane_count; ++i) {
      const uint8_t* lane = data.data() + i * length;
      for (size_t p = at; p < at + count; ++p) {
        columns.push_back(lanes[i].column());
        lanes[i].push(lane, p, lane[p]);
      }
    }
    evaluator->evaluate(columns, some.data());
    for (size_t i = 0; i < lane_count; ++i)
      for (size_t p = 0; p < count; ++p) all[(at + p) * lane_count + i] = some[i * count + p];
  }
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
    for (size_t depth : {1, 2, 7, 64}) {
      const auto weights = evaluate(network, data, lanes, depth);
      for (size_t i = 0; i < weights.size(); ++i)
        if (!std::equal(weights[i].value, weights[i].value + 256, expected[i].value)) {
          std::printf("vector %d, %zu positions at once: other weights in lane %zu at %zu\n", vectors, depth, i % lanes,
                      i / lanes);
          return 1;
        }
    }
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
