// Makes transforms/jpeg/prime.inc of small baseline JPEG files:
//   nzip_make_jpeg_prime FILE... > prime.inc
#include <cstdio>
#include <fstream>
#include <iterator>

#include "coder/word_coder.hpp"
#include "transforms/jpeg/coefficients.hpp"
#include "transforms/jpeg/scan.hpp"

namespace nzip::jpeg {
namespace {

using File = std::vector<uint8_t>;

// The segments that say how large the picture is and how it is quantised.
File short_header(std::span<const uint8_t> header) {
  File kept(header.begin(), header.begin() + 2);
  for (size_t at = 2; at + 4 <= header.size();) {
    const size_t size = 2 + (size_t(header[at + 2]) << 8 | header[at + 3]);
    const uint8_t marker = header[at + 1];
    if (marker == 0xC0 || marker == 0xDA || marker == 0xDB)
      kept.insert(kept.end(), header.begin() + ptrdiff_t(at), header.begin() + ptrdiff_t(at + size));
    at += size;
  }
  kept.insert(kept.end(), {0xFF, 0xD9});
  return kept;
}

void print_base64(const File& bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  constexpr size_t kBytesPerLine = 84;
  for (size_t at = 0; at < bytes.size(); at += kBytesPerLine) {
    std::printf("\"");
    for (size_t i = at; i < std::min(at + kBytesPerLine, bytes.size()); i += 3) {
      uint32_t three = 0;
      for (size_t j = i; j < i + 3; ++j) three = three << 8 | (j < bytes.size() ? bytes[j] : 0u);
      for (int shift = 18; shift >= 0; shift -= 6) std::printf("%c", kDigits[three >> shift & 63]);
    }
    std::printf("\",\n");
  }
}

void make(int count, char** names) {
  File prime{uint8_t(count)}, coded(1 << 20);
  WordEncoder coder(coded);
  AllStatistics statistics;
  for (int i = 0; i < count; ++i) {
    std::ifstream stream(names[i], std::ios::binary);
    const File file((std::istreambuf_iterator<char>(stream)), {});
    Structure structure(UINT64_MAX);
    size_t at = 2;
    const Scan scan = structure.next_scan(file, at).value();
    Picture picture(structure.frame().components.begin(), structure.frame().components.end());
    BitReader bits(std::span<const uint8_t>(file).subspan(at));
    read_scan(bits, structure.frame(), scan, picture);
    code_picture(coder, statistics, structure, picture, Stop());
    const File header = short_header(std::span<const uint8_t>(file).first(at));
    prime.push_back(uint8_t(header.size() >> 8));
    prime.push_back(uint8_t(header.size()));
    prime.insert(prime.end(), header.begin(), header.end());
  }
  coded.resize(coder.finish());
  prime.insert(prime.end(), coded.begin(), coded.end());
  print_base64(prime);
}

}  // namespace
}  // namespace nzip::jpeg

int main(int argc, char** argv) { nzip::jpeg::make(argc - 1, argv + 1); }
