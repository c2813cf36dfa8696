// What the segments of a JPEG file declare: its frame and its scans.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "transforms/jpeg/huffman.hpp"

namespace nzip::jpeg {

constexpr size_t kMaxScans = 64;
constexpr size_t kBlock = 64;  // coefficients of a block

// Where in a block, row by row, the coefficients stand in the order of scans.
inline constexpr std::array<uint8_t, kBlock> kZigzag{0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,
                                                     12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6,  7,  14, 21, 28,
                                                     35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
                                                     58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

struct Component {
  int id;
  int across, down;        // sampling factors
  int table;               // of quantisation
  uint32_t wide, high;     // blocks that show something
  uint32_t width, height;  // blocks with those that fill up the last units: what is kept
};

struct Frame {
  bool progressive = false;
  uint32_t units_wide = 0, units_high = 0;  // of scans with several components
  std::vector<Component> components;
  uint64_t blocks() const;  // of all components, filled up
};

struct Scan {
  struct Member {
    size_t component;
    std::shared_ptr<const HuffmanTable> dc, ac;  // null: not declared
  };
  std::vector<Member> members;
  int first = 0, last = 63;  // coefficients, in the order of scans
  int high = 0, low = 0;     // bits below these were left out before, and are now
  uint32_t restart = 0;      // units between restart markers, 0: there are none
};

// Reads segments. Throws std::invalid_argument for what is no JPEG file, or one of a kind that is not dealt with.
class Structure {
 public:
  explicit Structure(uint64_t max_blocks);

  // Reads from `at`, where a marker belongs, up to the end of the next scan's header; nothing: up to the file's end.
  std::optional<Scan> next_scan(std::span<const uint8_t> bytes, size_t& at);

  const Frame& frame() const { return frame_; }
  // Of the component, row by row; nothing below 1.
  const std::array<uint16_t, kBlock>& quantisation(const Component& component) const {
    return quantisation_[size_t(component.table)];
  }

 private:
  void read_frame(std::span<const uint8_t> body, bool progressive);
  void read_huffman(std::span<const uint8_t> body);
  void read_quantisation(std::span<const uint8_t> body);
  Scan read_scan(std::span<const uint8_t> body) const;

  uint64_t max_blocks_;
  size_t scans_ = 0;
  Frame frame_;
  std::array<std::array<uint16_t, kBlock>, 4> quantisation_;
  std::array<std::array<std::shared_ptr<const HuffmanTable>, 4>, 2> huffman_;  // DC and AC
  uint32_t restart_ = 0;
};

// The bytes from an SOI marker to an EOI marker at the start of `data`, both included; 0: there is no such file, or the
// steps that are left do not reach its end. Looks at markers and the length of segments only.
size_t extent(std::span<const uint8_t> data, uint64_t& steps);

// What is remembered of a block that was coded.
struct Summary {
  int16_t error = 0;               // of the first coefficient's prediction
  uint8_t inner = 0;               // coefficients of both directions that are not 0
  std::array<uint8_t, 2> edges{};  // the same of those across, and down
};

// The coefficients of a component's blocks, row by row.
struct Plane {
  explicit Plane(const Component& component)
      : width(component.width),
        height(component.height),
        coefficients(size_t(width) * height * kBlock),
        summaries(size_t(width) * height) {}
  int16_t* block(uint32_t x, uint32_t y) { return &coefficients[(size_t(y) * width + x) * kBlock]; }
  const int16_t* block(uint32_t x, uint32_t y) const { return &coefficients[(size_t(y) * width + x) * kBlock]; }

  uint32_t width, height;
  std::vector<int16_t> coefficients;
  std::vector<Summary> summaries;
};
using Picture = std::vector<Plane>;

constexpr int kMaxCoefficient = 2047;  // of 8-bit samples

}  // namespace nzip::jpeg
