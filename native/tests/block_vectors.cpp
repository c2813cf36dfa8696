// Decodes and encodes again every vector of a file and compares, on any machine that the core builds for:
//   nzip_vectors FILE
// The file is made by tests/make_vectors.py; its layout is described there.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/simd_choice.hpp"
#include "engine/table.hpp"
#include "experts/learner/expert.hpp"
#include "experts/network/forecast.hpp"
#include "tests/reader.hpp"

namespace {

bool same(std::span<const uint8_t> a, std::span<const uint8_t> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

std::unique_ptr<nzip::Engine> make_engine(const nzip::EngineEntry& entry, nzip::EngineParts parts,
                                          const std::shared_ptr<const nzip::Network>& network, bool learner,
                                          const std::vector<uint8_t>& snapshot) {
  if (network)
    parts.experts = {{nzip::ExpertKind::kNetwork, std::make_shared<nzip::LaneForecasts>(network, nullptr, 0)}};
  if (learner) parts.experts.push_back({nzip::ExpertKind::kLearner, nzip::make_learner_expert()});
  auto engine = entry.make(parts);
  if (snapshot.empty()) return engine;
  const auto bytes = std::span(snapshot);
  engine->restore(0, bytes.first(entry.snapshot_head));
  engine->restore(entry.snapshot_head, bytes.subspan(entry.snapshot_head));
  return engine;
}

int check(const char* path) {
  Reader in(path, "NZV5");
  std::unique_ptr<nzip::Engine> encoder, decoder;
  std::shared_ptr<const nzip::Network> network;
  std::span<const uint8_t> network_tensors;  // what `network` was made of: to unpack them takes longer than to code
  int vectors = 0;
  for (; !in.at_end(); ++vectors) {
    const uint32_t id = uint32_t(in.number(4));
    const nzip::EngineEntry* entry = nzip::find_engine(id, uint32_t(in.number(4)));
    if (!entry) throw std::runtime_error("the file has a block of an unknown engine");
    const int component_set = int(in.number(4)), table_log2 = int(in.number(4));
    const uint32_t lanes = uint32_t(in.number(4));
    const bool restart = in.number(4) != 0;
    std::vector<nzip::Segment> segments(in.number(4));
    const uint64_t architecture = in.number(4);
    const int channels = int(in.number(4)), layers = int(in.number(4));
    const bool learner = in.number(4) != 0;
    const uint64_t plain_size = in.number(8), coded_size = in.number(8), prime_size = in.number(8);
    const uint64_t start_size = in.number(8), network_size = in.number(8);
    for (nzip::Segment& s : segments) {
      s.kind = uint32_t(in.number(4));
      s.param = uint32_t(in.number(4));
      s.length = in.number(8);
    }
    const auto plain = in.take(plain_size), coded = in.take(coded_size), prime = in.take(prime_size);
    const auto start = in.take(start_size), tensors = in.take(network_size);
    if (restart) {
      std::vector<uint8_t> snapshot;
      if (!prime.empty()) {
        snapshot.resize(entry->snapshot_size(component_set));
        entry->make({component_set, entry->snapshot_log2})->warm(prime, snapshot.data(), {});
      }
      if (layers && (!network || !same(tensors, network_tensors))) {
        network = std::make_shared<const nzip::Network>(
            tensors, nzip::architecture_named("glr" + std::to_string(architecture)), channels, layers);
        network_tensors = tensors;
      }
      const auto used = layers ? network : nullptr;
      encoder = make_engine(*entry, {component_set, table_log2, start}, used, learner, snapshot);
      decoder = make_engine(*entry, {component_set, table_log2, start}, used, learner, snapshot);
    }
    std::vector<uint8_t> buffer(plain.size());
    if (!decoder->decode(coded, lanes, segments, buffer, {}) || !same(buffer, plain)) {
      std::printf("vector %d does not decode to its plaintext\n", vectors);
      return 1;
    }
    const size_t size = encoder->encode(plain, lanes, segments, buffer, {});
    if (size > buffer.size() || !same({buffer.data(), size}, coded)) {
      std::printf("vector %d does not encode to its coded bytes\n", vectors);
      return 1;
    }
  }
  std::printf("%d vectors, %s\n", vectors, nzip::simd_name());
  return 0;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) throw std::runtime_error("usage: nzip_vectors FILE");
  return check(argv[1]);
} catch (const std::exception& e) {
  std::fprintf(stderr, "nzip_vectors: %s\n", e.what());
  return 2;
}
