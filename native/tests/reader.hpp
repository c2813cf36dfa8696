// Reads the files of vectors that tests/make_vectors.py and tests/make_network_vectors.py write.
#pragma once

#include <cstdint>
#include <fstream>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

class Reader {
 public:
  Reader(const char* path, const char* magic) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) throw std::runtime_error(std::string("cannot read ") + path);
    bytes_.resize(size_t(file.tellg()));
    file.seekg(0).read(reinterpret_cast<char*>(bytes_.data()), std::streamsize(bytes_.size()));
    if (!file) throw std::runtime_error(std::string("cannot read ") + path);
    if (take(4).size() != 4 || std::string(bytes_.begin(), bytes_.begin() + 4) != magic)
      throw std::runtime_error("not a file of vectors");
  }
  bool at_end() const { return at_ == bytes_.size(); }
  std::span<const uint8_t> take(uint64_t size) {
    if (size > bytes_.size() - at_) throw std::runtime_error("the file of vectors ends too early");
    at_ += size_t(size);
    return {bytes_.data() + at_ - size_t(size), size_t(size)};
  }
  uint64_t number(int bytes) {
    uint64_t value = 0;
    int shift = 0;
    for (uint8_t b : take(uint64_t(bytes))) value |= uint64_t(b) << shift, shift += 8;
    return value;
  }

 private:
  std::vector<uint8_t> bytes_;
  size_t at_ = 0;
};
