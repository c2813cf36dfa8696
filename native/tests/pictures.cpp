// Tests of JPEG files and GIF pictures: the files that are named, all JPEG, are opened to the coded bytes that they
// have everywhere and closed again. Damaged, they are left alone or closed again, and what they were opened to is
// refused or makes something. So are GIF pictures that are drawn here. SIMD code makes what scalar code makes.
//   nzip_pictures [FILE...]
#include <array>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>
#include <vector>

#include "tests/check.hpp"
#include "transforms/gif.hpp"
#include "transforms/jpeg/eight.hpp"
#include "transforms/jpeg/jpeg.hpp"

namespace nzip {
namespace {

using Bytes = std::vector<uint8_t>;

constexpr uint64_t kCodedBytes =
    0x1f95db1e80079189;  // FNV-1a of what the files in tests/data become, in alphabetical order

using Numbers = std::array<int16_t, 8>;

template <class Any>
Any of(const Numbers& n) {
  return Any(n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7]);
}

void test_eight_at_once() {
  std::mt19937 random(1);
  const auto number = [&](int most) { return int16_t(int(random() % uint32_t(2 * most + 1)) - most); };
  for (int round = 0; round < 100000; ++round) {
    Numbers inputs, weights;
    for (int16_t& each : inputs) each = number(2047);
    for (int16_t& each : weights) each = number(round % 2 ? 32767 : 4096);
    const int error = number(round % 3 ? 32767 : 100);
    jpeg::Eight all = of<jpeg::Eight>(weights);
    jpeg::ScalarEight single = of<jpeg::ScalarEight>(weights);
    check(all.dot(of<jpeg::Eight>(inputs)) == single.dot(of<jpeg::ScalarEight>(inputs)));
    all.learn(of<jpeg::Eight>(inputs), error);
    single.learn(of<jpeg::ScalarEight>(inputs), error);
    alignas(16) Numbers from_all, from_single;
    all.store(from_all.data());
    single.store(from_single.data());
    check(from_all == from_single);
  }
}

void damage(Bytes& bytes, std::mt19937& random) {
  for (uint32_t left = 1 + random() % 3; left > 0 && !bytes.empty(); --left) {
    const auto at = bytes.begin() + ptrdiff_t(random() % bytes.size());
    if (const uint32_t how = random() % 4; how == 0)
      *at = uint8_t(random());
    else if (how == 1)
      *at = uint8_t(*at ^ 1u << random() % 8);
    else if (how == 2)
      bytes.erase(at);
    else
      bytes.insert(at, random() % 2 ? uint8_t(0xFF) : uint8_t(random()));
  }
}

// Whether it was opened.
bool closes_again(const Bytes& file) {
  const auto opened = jpeg::open(file, Stop());
  if (opened) {
    const Bytes again = jpeg::close(opened->header, opened->coded, Stop());
    check(again == Bytes(file.begin(), file.begin() + ptrdiff_t(opened->size)));
  }
  return opened.has_value();
}

uint64_t test_jpeg_file(const char* name, uint64_t hash) {
  std::ifstream stream(name, std::ios::binary);
  const Bytes file((std::istreambuf_iterator<char>(stream)), {});
  check(closes_again(file));
  const auto opened = jpeg::open(file, Stop());
  if (!opened) return hash;
  for (const uint8_t byte : opened->coded) hash = (hash ^ byte) * 0x100000001B3;

  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    Bytes damaged = file, header = opened->header, coded = opened->coded;
    damage(damaged, random);
    closes_again(damaged);
    damage(round % 2 ? header : coded, random);
    try {
      jpeg::close(header, coded, Stop());
    } catch (const std::invalid_argument&) {  // is well
    }
  }
  return hash;
}

void test_gif_pictures() {
  std::mt19937 random(1);
  int opened_ones = 0;
  for (int round = 0; round < 2000; ++round) {
    Bytes pixels(random() % 3000), residue{0x38, 0, 0};
    const uint32_t colours = 1 + random() % 8;
    for (uint8_t& pixel : pixels) pixel = uint8_t(random() % colours);
    Bytes data = gif::close(pixels, residue, Stop());
    if (round % 2) damage(data, random);
    if (const auto opened = gif::open(data, 1 << 16, Stop())) {
      ++opened_ones;
      const Bytes again = gif::close(opened->pixels, opened->residue, Stop());
      check(again == Bytes(data.begin(), data.begin() + ptrdiff_t(opened->size)));
    }
    damage(residue, random);
    try {
      gif::close(pixels, residue, Stop());
    } catch (const std::invalid_argument&) {  // is well
    }
  }
  check(opened_ones >= 1000);
}

}  // namespace
}  // namespace nzip

int main(int argc, char** argv) {
  nzip::test_eight_at_once();
  nzip::test_gif_pictures();
  uint64_t hash = 0xCBF29CE484222325;
  for (int i = 1; i < argc; ++i) hash = nzip::test_jpeg_file(argv[i], hash);
  if (argc > 1) check(hash == nzip::kCodedBytes);
  return finished();
}
