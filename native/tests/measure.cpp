// What a component set makes of files, without Python, network or prime:
//   nzip_measure SET LOG2_OF_TABLE TRAINING_FILE... -- FILE...
// Mixers and maps are first trained on the training files, in their order, as starts are; none: the untrained start.
// ablation.py builds it with one component after the other left out.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "detect/detect.hpp"
#include "engine/table.hpp"

namespace {

std::vector<uint8_t> read(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(std::string("cannot read ") + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The coded size; `start` becomes what the engine has learned.
size_t encode(const nzip::EngineParts& parts, const std::vector<uint8_t>& plain, std::vector<uint8_t>* start) {
  const auto engine = nzip::engines().front()->make(parts);
  std::vector<uint8_t> coded(plain.size() + plain.size() / 8 + 64);
  const size_t size = engine->encode(plain, 1, nzip::detect(plain, {}), coded, {});
  if (start) *start = engine->start();
  return size;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 4) throw std::runtime_error("usage: nzip_measure SET LOG2_OF_TABLE TRAINING_FILE... -- FILE...");
  const int set = std::stoi(argv[1]), log2 = std::stoi(argv[2]);
  if (std::ranges::find(nzip::engines().front()->component_sets, set) == nzip::engines().front()->component_sets.end())
    throw std::runtime_error("there is no such component set");
  int at = 3;
  std::vector<uint8_t> start;
  for (; at < argc && std::string(argv[at]) != "--"; ++at)
    encode({set, nzip::engines().front()->snapshot_log2, start}, read(argv[at]), &start);
  for (++at; at < argc; ++at) {
    const auto plain = read(argv[at]);
    const auto begin = std::chrono::steady_clock::now();
    const size_t size = encode({set, log2, start}, plain, nullptr);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::printf("%s\t%zu\t%zu\t%.3f\n", argv[at], plain.size(), size, seconds);
  }
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "nzip_measure: %s\n", e.what());
  return 2;
}
