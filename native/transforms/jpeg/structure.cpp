#include "transforms/jpeg/structure.hpp"

#include <algorithm>
#include <stdexcept>

namespace nzip::jpeg {
namespace {

using Bytes = std::span<const uint8_t>;

enum Marker : uint8_t {
  kSof0 = 0xC0,  // baseline
  kSof1 = 0xC1,  // sequential
  kSof2 = 0xC2,  // progressive
  kDht = 0xC4,
  kJpg = 0xC8,
  kDac = 0xCC,
  kSof15 = 0xCF,
  kRst0 = 0xD0,
  kRst7 = 0xD7,
  kSoi = 0xD8,
  kEoi = 0xD9,
  kSos = 0xDA,
  kDqt = 0xDB,
  kDnl = 0xDC,
  kDri = 0xDD,
  kTem = 0x01,
};

void require(bool holds, const char* otherwise) {
  if (!holds) throw std::invalid_argument(otherwise);
}

uint32_t big16(Bytes bytes, size_t at) { return uint32_t(bytes[at]) << 8 | bytes[at + 1]; }

bool stands_alone(uint8_t marker) { return (marker >= kRst0 && marker <= kEoi) || marker == kTem; }

// Takes a marker at `at` with the bytes FF that may fill up before it.
uint8_t take_marker(Bytes bytes, size_t& at) {
  require(at < bytes.size() && bytes[at] == 0xFF, "no marker where one belongs");
  while (at < bytes.size() && bytes[at] == 0xFF) ++at;
  require(at < bytes.size() && bytes[at] != 0, "no marker where one belongs");
  return bytes[at++];
}

// Takes the length at `at`, and what it counts.
Bytes take_body(Bytes bytes, size_t& at) {
  require(bytes.size() - at >= 2, "a segment is cut off");
  const size_t size = big16(bytes, at);
  require(size >= 2 && bytes.size() - at >= size, "a segment is cut off");
  const Bytes body = bytes.subspan(at + 2, size - 2);
  at += size;
  return body;
}

uint32_t divide_up(uint64_t number, uint64_t by) { return uint32_t((number + by - 1) / by); }

}  // namespace

uint64_t Frame::blocks() const {
  uint64_t sum = 0;
  for (const Component& component : components) sum += uint64_t(component.width) * component.height;
  return sum;
}

Structure::Structure(uint64_t max_blocks) : max_blocks_(max_blocks) {
  for (auto& table : quantisation_) table.fill(1);
  for (const bool ac : {false, true})
    for (const bool chroma : {false, true})
      huffman_[ac][chroma] = std::shared_ptr<const HuffmanTable>(&standard_table(ac, chroma), [](auto*) {});
}

std::optional<Scan> Structure::next_scan(Bytes bytes, size_t& at) {
  for (;;) {
    const uint8_t marker = take_marker(bytes, at);
    if (marker == kEoi) return std::nullopt;
    if (stands_alone(marker)) continue;
    const Bytes body = take_body(bytes, at);
    if (marker == kSos) return ++scans_, require(scans_ <= kMaxScans, "too many scans"), read_scan(body);
    if (marker == kDht)
      read_huffman(body);
    else if (marker == kDqt)
      read_quantisation(body);
    else if (marker == kDri)
      require(body.size() == 2, "a restart interval without two bytes"), restart_ = big16(body, 0);
    else if (marker == kSof0 || marker == kSof1 || marker == kSof2)
      read_frame(body, marker == kSof2);
    else
      require((marker < kSof0 || marker > kSof15) && marker != kDnl, "a process that is not dealt with");
  }
}

void Structure::read_frame(Bytes body, bool progressive) {
  require(frame_.components.empty(), "a second frame");
  require(body.size() >= 6 && body[0] == 8, "a frame without samples of 8 bits");
  const uint64_t high = big16(body, 1), wide = big16(body, 3), count = body[5];
  require(high && wide, "a frame without a size");
  require(count >= 1 && count <= 4 && body.size() == 6 + 3 * count, "a frame without 1 to 4 components");
  std::vector<Component> components;
  int most_across = 1, most_down = 1;
  for (size_t i = 0; i < count; ++i) {
    const Bytes one = body.subspan(6 + 3 * i, 3);
    const Component component{one[0], one[1] >> 4, one[1] & 15, one[2], 0, 0, 0, 0};
    require(component.across >= 1 && component.across <= 4 && component.down >= 1 && component.down <= 4,
            "a sampling factor beyond 1 to 4");
    require(component.table < 4, "a quantisation table beyond the fourth");
    most_across = std::max(most_across, component.across);
    most_down = std::max(most_down, component.down);
    components.push_back(component);
  }
  frame_.progressive = progressive;
  frame_.units_wide = divide_up(wide, 8 * uint64_t(most_across));
  frame_.units_high = divide_up(high, 8 * uint64_t(most_down));
  for (Component& component : components) {
    component.wide = divide_up(wide * uint64_t(component.across), 8 * uint64_t(most_across));
    component.high = divide_up(high * uint64_t(component.down), 8 * uint64_t(most_down));
    component.width = frame_.units_wide * uint32_t(component.across);
    component.height = frame_.units_high * uint32_t(component.down);
  }
  frame_.components = std::move(components);
  require(frame_.blocks() <= max_blocks_, "a picture too large for the size of its file");
}

void Structure::read_huffman(Bytes body) {
  while (!body.empty()) {
    require(body.size() >= 17, "a Huffman table is cut off");
    const int ac = body[0] >> 4, number = body[0] & 15;
    require(ac < 2 && number < 4, "a Huffman table beyond the fourth");
    const auto counts = body.subspan<1, 16>();
    size_t symbols = 0;
    for (const uint8_t count : counts) symbols += count;
    require(body.size() >= 17 + symbols, "a Huffman table is cut off");
    huffman_[size_t(ac)][size_t(number)] = std::make_shared<const HuffmanTable>(counts, body.subspan(17, symbols));
    body = body.subspan(17 + symbols);
  }
}

void Structure::read_quantisation(Bytes body) {
  while (!body.empty()) {
    const size_t width = body[0] >> 4 ? 2 : 1, number = body[0] & 15;
    require(body[0] >> 4 < 2 && number < 4 && body.size() >= 1 + kBlock * width, "a quantisation table is cut off");
    for (size_t k = 0; k < kBlock; ++k)
      quantisation_[number][kZigzag[k]] =
          uint16_t(std::max(1u, width == 1 ? uint32_t(body[1 + k]) : big16(body, 1 + 2 * k)));
    body = body.subspan(1 + kBlock * width);
  }
}

Scan Structure::read_scan(Bytes body) const {
  const size_t count = body.empty() ? 0 : body[0];
  require(count >= 1 && count <= frame_.components.size() && body.size() == 4 + 2 * count, "a scan without a frame");
  Scan scan;
  scan.restart = restart_;
  for (size_t i = 0; i < count; ++i) {
    const uint8_t id = body[1 + 2 * i], tables = body[2 + 2 * i];
    size_t component = scan.members.empty() ? 0 : scan.members.back().component + 1;
    while (component < frame_.components.size() && frame_.components[component].id != id) ++component;
    require(component < frame_.components.size(), "a scan of a component that is none, or out of order");
    require(tables >> 4 < 4 && (tables & 15) < 4, "a Huffman table beyond the fourth");
    scan.members.push_back({component, huffman_[0][tables >> 4], huffman_[1][tables & 15]});
  }
  if (!frame_.progressive) return scan;
  const Bytes end = body.subspan(1 + 2 * count);
  scan.first = end[0], scan.last = end[1], scan.high = end[2] >> 4, scan.low = end[2] & 15;
  require(scan.first == 0 ? scan.last == 0 : scan.first <= scan.last && scan.last < 64 && count == 1,
          "a scan of coefficients that do not belong together");
  require(scan.low <= 10 && (scan.high == 0 || scan.high == scan.low + 1), "a scan of bits out of order");
  return scan;
}

size_t extent(Bytes data, uint64_t& steps) {
  if (data.size() < 4 || data[0] != 0xFF || data[1] != kSoi) return 0;
  size_t at = 2;
  for (; steps > 0; --steps) {
    while (at < data.size() && data[at] == 0xFF) ++at;
    if (at >= data.size() || data[at - 1] != 0xFF) return 0;
    const uint8_t marker = data[at++];
    if (marker == kEoi) return at;
    if (marker == 0 || marker == kSoi) return 0;
    if (stands_alone(marker)) continue;
    if (data.size() - at < 2) return 0;
    const size_t size = big16(data, at);
    if (size < 2 || data.size() - at < size) return 0;
    at += size;
    if (marker != kSos) continue;
    // Entropy-coded data, and what is behind them, up to the next marker that is no restart marker.
    for (;; ++at, --steps) {
      if (data.size() - at < 2 || steps == 0) return 0;
      const uint8_t next = data[at + 1];
      if (data[at] == 0xFF && next != 0 && next != 0xFF && !(next >= kRst0 && next <= kRst7)) break;
    }
  }
  return 0;
}

}  // namespace nzip::jpeg
