#include "transforms/jpeg/jpeg.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <unordered_set>

#include "coder/word_coder.hpp"
#include "transforms/jpeg/coefficients.hpp"
#include "transforms/jpeg/prime.hpp"
#include "transforms/jpeg/scan.hpp"

namespace nzip::jpeg {
namespace {

using Bytes = std::span<const uint8_t>;

// What a few bytes may claim to be: blocks of a picture, and bytes of its file.
uint64_t most_blocks(size_t packed) { return std::min<uint64_t>(8192 + 2 * uint64_t(packed), 1 << 20); }
uint64_t most_bytes(size_t packed) { return (1 << 16) + 8 * uint64_t(packed); }

void append_varint(std::vector<uint8_t>& to, uint64_t number) {
  for (; number >= 128; number >>= 7) to.push_back(uint8_t(number | 128));
  to.push_back(uint8_t(number));
}

// Takes a number from the start of `from`.
uint64_t take_varint(Bytes& from) {
  uint64_t number = 0;
  for (int shift = 0; shift < 35; shift += 7) {
    if (from.empty()) break;
    const uint8_t byte = from[0];
    from = from.subspan(1);
    number |= uint64_t(byte & 127) << shift;
    if (byte < 128) return number;
  }
  throw std::invalid_argument("a number that is not whole");
}

Picture picture_of(const Frame& frame) { return Picture(frame.components.begin(), frame.components.end()); }

// From `at`, the bytes before the next marker that is no restart marker.
size_t bytes_before_marker(Bytes data, size_t at) {
  size_t end = at;
  while (data[end] != 0xFF || data[end + 1] == 0 || data[end + 1] == 0xFF || (data[end + 1] & 0xF8) == 0xD0) ++end;
  return end - at;
}

// How entropy-coded data end.
struct Ends {
  int padding = -1;           // bits that fill up bytes
  std::vector<size_t> tails;  // of each scan, bytes behind its data that belong to nothing

  bool has_tails() const {
    return std::any_of(tails.begin(), tails.end(), [](size_t tail) { return tail > 0; });
  }
};
constexpr size_t kMostLost = 64;  // bytes that coding may cost: callers look at what they gain
constexpr uint8_t kPaddedByZeros = 1, kHasTails = 2;

Opened open_file(Bytes file, const Stop& stop) {
  Structure structure(most_blocks(file.size()));
  Opened opened{file.size(), {}, {}};
  Picture picture;
  Ends ends;
  struct Found {
    Scan scan;
    Bytes data;
  };
  std::vector<Found> found;
  size_t at = 2, kept = 0;  // the header has what is before the latter
  while (const std::optional<Scan> scan = structure.next_scan(file, at)) {
    if (picture.empty()) picture = picture_of(structure.frame());
    BitReader bits(file.subspan(at));
    read_scan(bits, structure.frame(), *scan, picture);
    stop.check();
    if (bits.padding() >= 0) {
      if (ends.padding >= 0 && ends.padding != bits.padding()) throw std::invalid_argument("uneven padding");
      ends.padding = bits.padding();
    }
    found.push_back({*scan, file.subspan(at, bits.position())});
    opened.header.insert(opened.header.end(), file.begin() + ptrdiff_t(kept), file.begin() + ptrdiff_t(at));
    kept = at + bits.position();
    ends.tails.push_back(bytes_before_marker(file, kept));
    at = kept + ends.tails.back();
  }
  if (at != file.size() || found.empty()) throw std::invalid_argument("no file of one picture");
  opened.header.insert(opened.header.end(), file.begin() + ptrdiff_t(kept), file.end());
  for (const auto& [scan, data] : found) {
    std::vector<uint8_t> again;
    BitWriter bits(again, data.size(), ends.padding != 0);
    write_scan(bits, structure.frame(), scan, picture);
    stop.check();
    if (!std::equal(again.begin(), again.end(), data.begin(), data.end()))
      throw std::invalid_argument("an encoder that makes choices");
  }

  opened.coded.push_back(uint8_t((ends.padding == 0 ? kPaddedByZeros : 0) | (ends.has_tails() ? kHasTails : 0)));
  append_varint(opened.coded, file.size());
  if (ends.has_tails())
    for (const size_t tail : ends.tails) append_varint(opened.coded, tail);
  const size_t before = opened.coded.size();
  const size_t capacity = file.size() + kMostLost;
  opened.coded.resize(before + capacity);
  WordEncoder coder(std::span(opened.coded).subspan(before));
  const auto statistics = std::make_unique<AllStatistics>(primed_statistics());
  code_picture(coder, *statistics, structure, picture, stop);
  const size_t size = coder.finish();
  if (size > capacity) throw std::invalid_argument("coded coefficients are larger than the file");
  opened.coded.resize(before + size);
  const size_t both = opened.header.size() + opened.coded.size();
  if (structure.frame().blocks() > most_blocks(both) || file.size() > most_bytes(both))
    throw std::invalid_argument("a picture too large for its coded size");
  return opened;
}

}  // namespace

std::vector<size_t> find(Bytes data, const Stop& stop) {
  static constexpr std::array<uint8_t, 3> kBegin{0xFF, 0xD8, 0xFF};
  std::vector<size_t> starts;
  std::unordered_set<size_t> ends;
  uint64_t steps = 16 * uint64_t(data.size()), bytes = steps;  // a file that was made for it could take them squared
  for (auto at = data.begin(); bytes > 0 && steps > 0; ++at) {
    at = std::search(at, data.end(), kBegin.begin(), kBegin.end());
    if (at == data.end()) break;
    stop.check();
    const size_t start = size_t(at - data.begin()), size = extent(data.subspan(start), steps);
    if (!size || !ends.insert(start + size).second) continue;
    starts.push_back(start);
    bytes -= std::min<uint64_t>(bytes, size);
  }
  return starts;
}

std::optional<Opened> open(Bytes data, const Stop& stop) {
  try {
    uint64_t steps = 2 * uint64_t(data.size());
    const size_t size = extent(data, steps);
    if (size) return open_file(data.first(size), stop);
  } catch (const std::invalid_argument&) {  // says why not
  }
  return std::nullopt;
}

std::vector<uint8_t> close(Bytes header, Bytes coded, const Stop& stop) {
  const size_t both = header.size() + coded.size();
  if (coded.empty() || coded[0] > (kPaddedByZeros | kHasTails)) throw std::invalid_argument("an unknown way of coding");
  const uint8_t flags = coded[0];
  coded = coded.subspan(1);
  const uint64_t size = take_varint(coded);
  if (size > most_bytes(both)) throw std::invalid_argument("a file too large for its coded size");

  Structure structure(most_blocks(both));
  struct Place {
    Scan scan;
    size_t at;  // in the header
  };
  std::vector<Place> places;
  size_t at = 2;
  while (const std::optional<Scan> scan = structure.next_scan(header, at)) {
    places.push_back({*scan, at});
    const uint64_t tail = flags & kHasTails ? take_varint(coded) : 0;
    if (tail > header.size() - at) throw std::invalid_argument("bytes behind a scan that are not there");
    at += size_t(tail);
  }
  if (at != header.size() || places.empty()) throw std::invalid_argument("no file of one picture");
  Picture picture = picture_of(structure.frame());
  WordDecoder coder(coded);
  const auto statistics = std::make_unique<AllStatistics>(primed_statistics());
  code_picture(coder, *statistics, structure, picture, stop);

  std::vector<uint8_t> file;
  size_t kept = 0;
  const auto keep = [&](size_t end) {
    file.insert(file.end(), header.begin() + ptrdiff_t(kept), header.begin() + ptrdiff_t(end));
    kept = end;
  };
  for (const auto& [scan, end] : places) {
    keep(end);
    BitWriter bits(file, size_t(size), !(flags & kPaddedByZeros));
    write_scan(bits, structure.frame(), scan, picture);
    stop.check();
  }
  keep(header.size());
  if (file.size() != size) throw std::invalid_argument("a file of another size");
  return file;
}

}  // namespace nzip::jpeg
