// The shared hash table of bit histories: one 64-byte line holds three slots, a slot holds the 15 histories of one
// nibble in one context (the bucket layout goes back to lpaq and zpaq; the run byte is PAQ8's idea).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/byte_order.hpp"
#include "base/limits.hpp"
#include "base/memory.hpp"
#include "engine1/identity.hpp"
#include "engine1/tables.hpp"

namespace nzip::engine1::NZIP_ISA {

struct NibbleLine {
  uint16_t check[3];
  uint8_t run_byte[3];   // the byte last seen in this context (slots of a first nibble only)
  uint8_t run_count[3];  // how often in a row, 0: never
  uint8_t history[3][15];
  uint8_t below[3];  // in a snapshot: the bits of the hash below those that chose the line, for larger tables
  uint8_t unused[4];
};
static_assert(sizeof(NibbleLine) == 64);

struct NibbleSlot {
  uint8_t* history;  // history[node - 1], node 1..15
  uint8_t* run_byte;
  uint8_t* run_count;

  // Takes in the byte that came next in the context.
  void count_run(uint8_t byte) const {
    if (*run_byte != byte) *run_count = 0;
    *run_byte = byte;
    *run_count += *run_count < 255;
  }
};

class NibbleTable {
 public:
  NibbleTable(int log2_bytes, bool small_pages)
      : pages_(size_t(1) << log2_bytes, small_pages), log2_bytes_(log2_bytes), shift_(64 + 6 - log2_bytes) {}

  int log2_bytes() const { return log2_bytes_; }

  void prefetch(uint64_t hash) const { __builtin_prefetch(line(hash)); }

  // Finds the slot of a context or replaces the line's least used one. kKeepBelow: for a table that will be saved.
  template <bool kKeepBelow = false>
  NibbleSlot find(uint64_t hash) {
    NibbleLine* l = line(hash);
    const uint16_t check = uint16_t(hash >> 14 | 1);  // 0 marks a slot never used
    int at = l->check[1] == check ? 1 : 0;
    at = l->check[2] == check ? 2 : at;
    if (l->check[at] != check) {
      at = replace(l, check);
      if constexpr (kKeepBelow) l->below[at] = uint8_t(hash >> (shift_ - kBelowBits));
    }
    return {l->history[at], &l->run_byte[at], &l->run_count[at]};
  }

  // The table, of the snapshot's size, as the bytes of a snapshot.
  void save(uint8_t* out) const {
    const NibbleLine* const lines = pages_.as<NibbleLine>();
    std::memcpy(out, lines, kSnapshotLines * sizeof *lines);
    for (size_t i = 0; i < kSnapshotLines; ++i) to_little_endian(out + i * sizeof *lines, sizeof lines->check, 2);
  }

  // Takes whole lines of a snapshot, `at` bytes from its first one, into a fresh table of at least its size. Each slot
  // keeps its number in the line; to which of the lines that the snapshot's has become it goes, its bits below say.
  void restore(size_t at, std::span<const uint8_t> bytes) {
    const int spread = log2_bytes_ - kSnapshotLog2;
    NibbleLine* to = pages_.as<NibbleLine>() + (at / sizeof(NibbleLine) << spread);
    for (; !bytes.empty(); bytes = bytes.subspan(sizeof(NibbleLine)), to += size_t(1) << spread) {
      NibbleLine from;
      std::memcpy(&from, bytes.data(), sizeof from);
      to_little_endian(from.check, sizeof from.check, 2);
      if (spread == 0) {
        *to = from;
        continue;
      }
      for (int i = 0; i < 3; ++i) {
        if (from.check[i] == 0) continue;
        NibbleLine& l = to[from.below[i] >> (kBelowBits - spread)];
        l.check[i] = from.check[i];
        l.run_byte[i] = from.run_byte[i];
        l.run_count[i] = from.run_count[i];
        std::memcpy(l.history[i], from.history[i], sizeof l.history[i]);
      }
    }
  }

 private:
  static constexpr int kBelowBits = 8;
  static constexpr size_t kSnapshotLines = (size_t(1) << kSnapshotLog2) / sizeof(NibbleLine);
  static_assert(kMaxTableLog2 - kSnapshotLog2 <= kBelowBits);

  NibbleLine* line(uint64_t hash) const { return pages_.as<NibbleLine>() + (hash >> shift_); }

  static int replace(NibbleLine* l, uint16_t check) {
    // States are numbered by age, so the lowest first history belongs to the slot with the least behind it.
    int at = l->history[1][0] < l->history[0][0] ? 1 : 0;
    at = l->history[2][0] < l->history[at][0] ? 2 : at;
    l->check[at] = check;
    l->run_byte[at] = l->run_count[at] = 0;
    for (int i = 0; i < 15; ++i) l->history[at][i] = 0;
    return at;
  }

  ZeroedPages pages_;
  int log2_bytes_, shift_;
};

}  // namespace nzip::engine1::NZIP_ISA
