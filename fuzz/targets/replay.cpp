// Runs a target without a fuzzer, so that any compiler and machine can: over files, and over random inputs.
//   fuzz_TARGET ROUNDS [FILE...]
#include <fstream>
#include <iterator>
#include <random>

#include "input.hpp"

int main(int count, char** arguments) {
  const unsigned long rounds = count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 100;
  for (int i = 2; i < count; ++i) {
    std::ifstream file(arguments[i], std::ios::binary);
    if (!file) {
      std::fprintf(stderr, "%s cannot be read\n", arguments[i]);
      return 1;
    }
    const std::vector<char> data{std::istreambuf_iterator<char>(file), {}};
    nzip::fuzz::run(nzip::fuzz::Input({reinterpret_cast<const uint8_t*>(data.data()), data.size()}));
  }
  std::mt19937 random(1);
  std::vector<uint8_t> data;
  for (unsigned long round = 0; round < rounds; ++round) {
    data.resize(random() % 3000);
    const bool is_sparse = round % 2;  // then most choices are the usual ones
    for (uint8_t& byte : data) byte = is_sparse && random() % 4 ? 0 : uint8_t(random());
    nzip::fuzz::run(nzip::fuzz::Input(data));
  }
}
