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
#include "transforms/jpeg/opinions.hpp"

namespace nzip {
namespace {

using Bytes = std::vector<uint8_t>;

constexpr uint64_t kCodedBytes =
    0x3e21cbe5b8c9b753;  // FNV-1a of what the files in tests/data become, in alphabetical order

void test_opinions(std::mt19937& random) {
  using namespace jpeg;
  std::array<Slot, kContexts> slots;
  for (Slot& slot : slots) slot = (kLeastRate + random() % (kFirstRate - kLeastRate + 1)) << 16 | (random() & 0xffff);
  Opinions all(slots[0], slots[1], slots[2], slots[3]);
  ScalarOpinions single(slots[0], slots[1], slots[2], slots[3]);
  check(all.sum() == single.sum());
  const int error = int(random() % 65536) - 32768;
  all.learn(error);
  single.learn(error);
  check(all.slot<0>() == single.slot<0>() && all.slot<1>() == single.slot<1>() && all.slot<2>() == single.slot<2>() &&
        all.slot<3>() == single.slot<3>());
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
    test_opinions(random);
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
