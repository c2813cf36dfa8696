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
#include "transforms/jpeg/marks.hpp"
#include "transforms/jpeg/octets.hpp"

namespace nzip {
namespace {

using Bytes = std::vector<uint8_t>;

constexpr uint64_t kCodedBytes =
    0xc1814f0337f62357;  // FNV-1a of what the files in tests/data become, in alphabetical order

void test_octets(std::mt19937& random) {
  using namespace jpeg;
  std::array<Octet, kContexts> octets, same;
  Halves errors{};
  for (Octet& octet : octets)
    for (size_t lane = 0; lane < kLanes; ++lane) {
      octet.opinions[lane] = int16_t(random() % 2 ? random() : random() % 2048);
      octet.rates[lane] = int16_t(kLeastRate + int(random() % (kFirstRate - kLeastRate + 1)));
    }
  for (size_t lane = 0; lane < kLanes; ++lane)
    if (random() % 2) errors[lane / 4] |= in_half(lane, int(random() % 65536) - 32768);
  same = octets;
  const Octets all{&octets[0], &octets[1], &octets[2], &octets[3]}, each{&same[0], &same[1], &same[2], &same[3]};
  check(sums_of(all) == scalar_sums(each));
  learn(all, errors);
  scalar_learn(each, errors);
  for (size_t i = 0; i < kContexts; ++i)
    check(octets[i].opinions == same[i].opinions && octets[i].rates == same[i].rates);
}

void test_squares(std::mt19937& random) {
  using namespace jpeg;
  Square a, b;
  for (auto* square : {&a, &b})
    for (Line& line : *square)
      for (int16_t& each : line) each = int16_t(random() % 4 ? random() % 4096 - 2048 : random());
  for (int16_t& each : b[0]) each = int16_t(each / 16);
  check(turned(a) == scalar_turned(a) && turned(turned(a)) == a);
  check(difference(a[0], a[1], a[2]) == scalar_difference(a[0], a[1], a[2]));
  for (Line& line : a)
    for (int16_t& each : line) each = int16_t(each / 16);
  check(product(a, b, 9) == scalar_product(a, b, 9) && product(a[3], b, 0) == scalar_product(a[3], b, 0));
  std::array<int16_t, kBlock> block;
  for (int16_t& each : block) each = int16_t(random() % 3 ? 0 : random());
  check(marks_of(block.data()) == scalar_marks(block.data()));
}

void test_vectors() {
  std::mt19937 random(1);
  for (int round = 0; round < 100000; ++round) {
    test_octets(random);
    test_squares(random);
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
  nzip::test_vectors();
  nzip::test_gif_pictures();
  uint64_t hash = 0xCBF29CE484222325;
  for (int i = 1; i < argc; ++i) hash = nzip::test_jpeg_file(argv[i], hash);
  if (argc > 1) check(hash == nzip::kCodedBytes);
  return finished();
}
