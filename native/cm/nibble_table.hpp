// The shared hash table of bit histories: one 64-byte line holds three slots, a slot holds the 15 histories of one
// nibble in one context (the bucket layout goes back to lpaq and zpaq; the run byte is PAQ8's idea).
#pragma once

#include <cstdint>

#include "cm/memory.hpp"
#include "cm/tables.hpp"

namespace nzip::NZIP_ISA {

struct NibbleLine {
  uint16_t check[3];
  uint8_t run_byte[3];   // the byte last seen in this context (slots of a first nibble only)
  uint8_t run_count[3];  // how often in a row, 0: never
  uint8_t history[3][15];
  uint8_t unused[7];
};
static_assert(sizeof(NibbleLine) == 64);

struct NibbleSlot {
  uint8_t* history;  // history[node - 1], node 1..15
  uint8_t* run_byte;
  uint8_t* run_count;
};

class NibbleTable {
 public:
  explicit NibbleTable(int log2_bytes) : pages_(size_t(1) << log2_bytes), shift_(64 + 6 - log2_bytes) {}

  void prefetch(uint64_t hash) const { __builtin_prefetch(line(hash)); }

  // Finds the slot of a context or replaces the line's least used one.
  NibbleSlot find(uint64_t hash) {
    NibbleLine* l = line(hash);
    const uint16_t check = uint16_t(hash >> 14 | 1);  // 0 marks a slot never used
    int at = l->check[1] == check ? 1 : 0;
    at = l->check[2] == check ? 2 : at;
    if (l->check[at] != check) at = replace(l, check);
    return {l->history[at], &l->run_byte[at], &l->run_count[at]};
  }

 private:
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
  int shift_;
};

}  // namespace nzip::NZIP_ISA
