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
#include "engine/engine.hpp"
#include "tests/reader.hpp"

namespace {

bool same(std::span<const uint8_t> a, std::span<const uint8_t> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

std::unique_ptr<nzip::Engine> make_engine(const nzip::EngineParts& parts, const std::vector<uint8_t>& snapshot) {
  auto engine = nzip::make_engine(parts);
  if (snapshot.empty()) return engine;
  const auto bytes = std::span(snapshot);
  engine->restore(0, bytes.first(nzip::kSnapshotHead));
  engine->restore(nzip::kSnapshotHead, bytes.subspan(nzip::kSnapshotHead));
  return engine;
}

int check(const char* path) {
  Reader in(path, "NZV3");
  std::unique_ptr<nzip::Engine> encoder, decoder;
  int vectors = 0;
  for (; !in.at_end(); ++vectors) {
    const int profile = int(in.number(4)), table_log2 = int(in.number(4));
    const uint32_t lanes = uint32_t(in.number(4));
    const bool restart = in.number(4) != 0;
    std::vector<nzip::Segment> segments(in.number(4));
    const int channels = int(in.number(4)), layers = int(in.number(4));
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
        snapshot.resize(nzip::snapshot_size(profile));
        nzip::make_engine({profile, nzip::kSnapshotLog2})->warm(prime, snapshot.data(), {});
      }
      nzip::EngineParts parts{profile, table_log2, nullptr, start};
      if (layers) parts.network = std::make_shared<const nzip::Network>(tensors, channels, layers);
      encoder = make_engine(parts, snapshot);
      decoder = make_engine(parts, snapshot);
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
