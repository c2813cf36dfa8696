#include "transforms/gif.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace nzip::gif {
namespace {

using Bytes = std::span<const uint8_t>;

constexpr int kMaxSize = 12;  // bits of a code
constexpr uint32_t kMaxCodes = 1 << kMaxSize;
constexpr size_t kMaxBlock = 255;

void require(bool holds, const char* otherwise) {
  if (!holds) throw std::invalid_argument(otherwise);
}

struct Run {
  uint32_t count, number;
};

// Numbers as runs of equal ones.
class Runs {
 public:
  void push(uint32_t number) {
    if (!runs_.empty() && runs_.back().number == number)
      ++runs_.back().count;
    else
      runs_.push_back({1, number});
  }
  bool empty() const { return runs_.empty(); }
  void pop() {
    if (--runs_.back().count == 0) runs_.pop_back();
  }
  void pop_all(uint32_t number) {
    if (!empty() && runs_.back().number == number) runs_.pop_back();
  }
  void append_to(std::vector<uint8_t>& out) const;
  static Runs take(Bytes& from);

  // The numbers, one by one.
  class Reader {
   public:
    explicit Reader(const Runs& runs) : runs_(runs.runs_) {}
    bool ended() const { return at_ == runs_.size(); }
    uint32_t number() const { return runs_[at_].number; }
    void next() {
      if (++done_ == runs_[at_].count) ++at_, done_ = 0;
    }

   private:
    const std::vector<Run>& runs_;
    size_t at_ = 0;
    uint32_t done_ = 0;
  };

 private:
  std::vector<Run> runs_;
};

// How an encoder worked, beside taking the longest strings.
struct Habits {
  int least = 0;                 // bits of a pixel
  bool begins_by_clear = false;  // the table, before all else
  bool ends_by_code = false;     // for the end
  uint32_t most = kMaxCodes;     // codes of a table
  Runs clears;                   // codes before each clear since the one before
  std::vector<uint8_t> surplus;  // bytes behind the last code
  Runs blocks;                   // bytes of the first blocks; those behind are full, as far as there are data

  std::vector<uint8_t> encoded() const;
  static Habits read(Bytes residue);
};

void append_varint(std::vector<uint8_t>& to, uint32_t number) {
  for (; number >= 128; number >>= 7) to.push_back(uint8_t(number | 128));
  to.push_back(uint8_t(number));
}
uint32_t take_varint(Bytes& from) {
  uint32_t number = 0;
  for (int shift = 0; shift < 28 && !from.empty(); shift += 7) {
    const uint8_t byte = from[0];
    from = from.subspan(1);
    number |= uint32_t(byte & 127) << shift;
    if (byte < 128) return number;
  }
  throw std::invalid_argument("a number that is not whole");
}

void Runs::append_to(std::vector<uint8_t>& out) const {
  for (const auto& [count, number] : runs_) {
    append_varint(out, count);
    append_varint(out, number);
  }
  append_varint(out, 0);
}
Runs Runs::take(Bytes& from) {
  Runs runs;
  while (const uint32_t count = take_varint(from)) runs.runs_.push_back({count, take_varint(from)});
  return runs;
}

std::vector<uint8_t> Habits::encoded() const {
  std::vector<uint8_t> residue{uint8_t(least | begins_by_clear << 4 | ends_by_code << 5 | (most < kMaxCodes) << 6)};
  clears.append_to(residue);
  blocks.append_to(residue);
  residue.insert(residue.end(), surplus.begin(), surplus.end());
  return residue;
}

Habits Habits::read(Bytes residue) {
  require(!residue.empty() && residue[0] < 128, "no residue of a picture");
  Habits habits;
  const uint8_t flags = residue[0];
  habits.least = flags & 15;
  require(habits.least >= 1 && habits.least <= 8, "pixels of no such size");
  habits.begins_by_clear = flags >> 4 & 1;
  habits.ends_by_code = flags >> 5 & 1;
  habits.most = kMaxCodes - (flags >> 6 & 1);
  residue = residue.subspan(1);
  habits.clears = Runs::take(residue);
  habits.blocks = Runs::take(residue);
  habits.surplus.assign(residue.begin(), residue.end());
  return habits;
}

// The sizes of codes, which both sides follow.
class Sizes {
 public:
  explicit Sizes(int least) : least_(least) { clear(); }
  int bits() const { return bits_; }
  uint32_t next() const { return next_; }  // the code of the string that the next code completes
  void clear() {
    next_ = first() - 1;  // the first code completes none
    bits_ = least_ + 1;
  }
  void count(uint32_t most) {
    if (next_ < most) ++next_;
    if (next_ == 1u << bits_ && bits_ < kMaxSize) ++bits_;
  }
  uint32_t first() const { return (1u << least_) + 2; }
  uint32_t clear_code() const { return 1u << least_; }
  uint32_t end_code() const { return clear_code() + 1; }

 private:
  int least_, bits_;
  uint32_t next_;
};

// Bits of the blocks' data, the lowest first.
class Codes {
 public:
  explicit Codes(Bytes data) : data_(data) {}
  bool has(int bits) const { return at_ + size_t(bits) <= 8 * data_.size(); }
  uint32_t take(int bits) {
    uint32_t code = 0;
    for (int i = 0; i < bits; ++i, ++at_) code |= uint32_t(data_[at_ / 8] >> (at_ % 8) & 1) << i;
    return code;
  }
  Bytes rest() {  // the bits up to the next byte are 0
    while (at_ % 8) require(!take(1), "bits behind the last code");
    return data_.subspan(at_ / 8);
  }

 private:
  Bytes data_;
  size_t at_ = 0;
};

// The pixels; the habits learn of the clears and of the end.
std::vector<uint8_t> decode(Bytes data, Habits& habits, size_t most, const Stop& stop) {
  Codes codes(data);
  Sizes sizes(habits.least);
  std::vector<uint8_t> pixels;
  struct String {
    size_t at, size;  // in the pixels: that of a code is the one before and a pixel more
  };
  std::vector<String> strings(kMaxCodes);
  uint32_t since = 0;  // the last clear
  String last{0, 0};
  bool begins = true;
  for (size_t taken = 0; codes.has(sizes.bits()); ++taken) {
    if (taken % 4096 == 0) stop.check();
    const uint32_t code = codes.take(sizes.bits());
    if (code == sizes.clear_code()) {
      if (begins)
        habits.begins_by_clear = true;
      else
        habits.clears.push(since);
      begins = false;
      sizes.clear();
      since = 0;
      continue;
    }
    begins = false;
    if (code == sizes.end_code()) {
      habits.ends_by_code = true;
      break;
    }
    const uint32_t next = sizes.next();
    if (since && next < kMaxCodes) strings[next] = {last.at, last.size + 1};
    String string{pixels.size(), 1};
    if (code < sizes.clear_code()) {
      require(most > pixels.size(), "too many pixels");
      pixels.push_back(uint8_t(code));
    } else {
      require(since && code <= next && code >= sizes.first(), "a code that means nothing yet");
      const String from = strings[code];
      require(from.size <= most - pixels.size(), "too many pixels");
      string.size = from.size;
      for (size_t i = 0; i < from.size; ++i) pixels.push_back(pixels[from.at + i]);  // it may overlap
    }
    last = string;
    ++since;
    sizes.count(kMaxCodes);
  }
  const Bytes rest = codes.rest();
  habits.surplus.assign(rest.begin(), rest.end());
  return pixels;
}

// Finds the strings that have codes, by the code of all but the last pixel and that.
class Table {
 public:
  // Where the string is, or is to be put: code() tells which.
  size_t find(uint32_t prefix, uint8_t pixel) const {
    const uint32_t key = generation_ << 20 | prefix << 8 | pixel;
    size_t at = (key * 2654435761u) >> (32 - kLog2);
    while (keys_[at] != key && keys_[at] >> 20 == generation_) at = (at + 1) % keys_.size();
    return at;
  }
  bool has(size_t at, uint32_t prefix, uint8_t pixel) const {
    return keys_[at] == (generation_ << 20 | prefix << 8 | pixel);
  }
  uint32_t code(size_t at) const { return codes_[at]; }
  void put(size_t at, uint32_t prefix, uint8_t pixel, uint32_t code) {
    keys_[at] = generation_ << 20 | prefix << 8 | pixel;
    codes_[at] = uint16_t(code);
  }
  void clear() {
    if (++generation_ < 1 << 12) return;
    keys_.fill(0);
    generation_ = 1;
  }

 private:
  static constexpr int kLog2 = 14;
  uint32_t generation_ = 1;
  std::array<uint32_t, 1 << kLog2> keys_{};
  std::array<uint16_t, 1 << kLog2> codes_{};
};

std::vector<uint8_t> encode(Bytes pixels, const Habits& habits, const Stop& stop) {
  std::vector<uint8_t> data;
  uint64_t held = 0;
  int bits = 0;
  Sizes sizes(habits.least);
  Table table;
  const auto write = [&](uint32_t code) {
    held |= uint64_t(code) << bits;
    for (bits += sizes.bits(); bits >= 8; bits -= 8, held >>= 8) data.push_back(uint8_t(held));
  };
  uint32_t since = 0;
  const size_t most_bytes = 3 * pixels.size() + 16;  // those of a clear for each pixel
  Runs::Reader clears(habits.clears);
  const auto clear_if_due = [&] {
    while (!clears.ended() && clears.number() == since) {
      require(data.size() < most_bytes, "too many clears");
      write(sizes.clear_code());
      sizes.clear();
      table.clear();
      since = 0;
      clears.next();
    }
  };
  if (habits.begins_by_clear) write(sizes.clear_code());
  clear_if_due();
  for (size_t at = 0; at < pixels.size();) {
    uint32_t code = pixels[at++];
    require(code < sizes.clear_code(), "a pixel that has no code");
    size_t place = 0;
    while (at < pixels.size()) {
      place = table.find(code, pixels[at]);
      if (!table.has(place, code, pixels[at])) break;
      code = table.code(place);
      ++at;
    }
    write(code);
    ++since;
    sizes.count(kMaxCodes);
    if (at < pixels.size() && sizes.next() < habits.most) table.put(place, code, pixels[at], sizes.next());
    clear_if_due();
    if (since % 4096 == 0) stop.check();
  }
  require(clears.ended(), "a clear behind all codes");
  if (habits.ends_by_code) write(sizes.end_code());
  if (bits) data.push_back(uint8_t(held));
  data.insert(data.end(), habits.surplus.begin(), habits.surplus.end());
  return data;
}

std::vector<uint8_t> in_blocks(Bytes data, const Habits& habits) {
  std::vector<uint8_t> blocks{uint8_t(habits.least)};
  const auto put = [&](size_t size) {
    require(size >= 1 && size <= std::min(data.size(), kMaxBlock), "a block of no such size");
    blocks.push_back(uint8_t(size));
    blocks.insert(blocks.end(), data.begin(), data.begin() + ptrdiff_t(size));
    data = data.subspan(size);
  };
  for (Runs::Reader sizes(habits.blocks); !sizes.ended(); sizes.next()) put(sizes.number());
  while (!data.empty()) put(std::min(data.size(), kMaxBlock));
  blocks.push_back(0);
  return blocks;
}

Opened open_picture(Bytes data, size_t most, const Stop& stop) {
  require(data.size() >= 2 && data[0] >= 1 && data[0] <= 8, "pixels of no such size");
  Habits habits;
  habits.least = data[0];
  size_t at = 1;
  std::vector<uint8_t> joined;
  while (true) {
    require(at < data.size() && data[at] < data.size() - at, "a block is cut off");
    const size_t size = data[at];
    if (size == 0) break;
    habits.blocks.push(uint32_t(size));
    joined.insert(joined.end(), data.begin() + ptrdiff_t(at + 1), data.begin() + ptrdiff_t(at + 1 + size));
    at += 1 + size;
  }
  // Full blocks but the last need not be told.
  if (!habits.blocks.empty()) habits.blocks.pop();
  habits.blocks.pop_all(kMaxBlock);
  Opened opened{at + 1, decode(joined, habits, most, stop), {}};
  for (const uint32_t codes : {kMaxCodes, kMaxCodes - 1}) {
    habits.most = codes;
    opened.residue = habits.encoded();
    const std::vector<uint8_t> again = close(opened.pixels, opened.residue, stop);
    if (std::equal(again.begin(), again.end(), data.begin(), data.begin() + ptrdiff_t(opened.size))) return opened;
  }
  throw std::invalid_argument("an encoder of other habits");
}

}  // namespace

std::optional<Opened> open(Bytes data, size_t most, const Stop& stop) {
  try {
    return open_picture(data, most, stop);
  } catch (const std::invalid_argument&) {  // says why not
    return std::nullopt;
  }
}

std::vector<uint8_t> close(Bytes pixels, Bytes residue, const Stop& stop) {
  const Habits habits = Habits::read(residue);
  return in_blocks(encode(pixels, habits, stop), habits);
}

}  // namespace nzip::gif
