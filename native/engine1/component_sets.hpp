// Component sets: what an engine mixes. A set's numbers are part of the engine's revision. The text contexts were
// chosen by greedy selection on text that is in no published corpus of results.
#pragma once

#include <tuple>

#include "engine1/contexts/by_kind.hpp"

namespace nzip::engine1::NZIP_ISA {

struct FastSet {
  static constexpr int kId = 1;
  static constexpr bool kNumbers = false;           // predicts those of arrays
  static constexpr bool kStructured = false;        // weighs by the pixels and columns around
  static constexpr int kOpinions = 1;               // inputs per bit history: stretch(p), that of a pure one, p - 1/2
  static constexpr int kMatchMin[] = {5};           // bytes that a match model hashes, one number a model
  static constexpr int kMatchShare = 5;             // a match model keeps one position for 2^5 bytes of hash table
  static constexpr int kSets = 2;                   // weight sets selected in the first layer
  static constexpr int kApms = 1;                   // refine by the last byte; 2: by three bytes, too; 3: by the word
  static constexpr int kInitialWeight = 64;         // of a bit history, in 1/256
  static constexpr bool kExpectedContexts = false;  // some contexts tell what matches expect

  // The contexts of each kind of data, beside the orders 0 and 1. In a place, all kinds have a run or none has.
  static constexpr auto kForText = contexts::warmed(
      contexts::pick<contexts::kStrongTextRows, "order 4", "order 3", "order 2", "word", "8 classes">());
  static constexpr auto kForRecords = contexts::pick<contexts::kStrongRecordsRows, "order 4", "order 3", "order 2",
                                                     "above, order 1", "above, column">();
  static constexpr auto kForBilevel = contexts::pick<contexts::kStrongBilevelRows, "order 4", "3 and 2 near", "order 2",
                                                     "3 and 2 near, 1 further", "8 and 8 near">();
  static constexpr auto kForBinary =
      contexts::pick<contexts::kStrongBinaryRows, "order 4", "order 3", "order 2", "bytes 2 3", "bytes 3 4">();
  static constexpr auto &kForX86 = kForBinary, &kForWords = kForBinary, &kForWasm = kForBinary;
};

struct BalancedSet {
  static constexpr int kId = 2;
  static constexpr bool kNumbers = false;
  static constexpr bool kStructured = false;
  static constexpr int kOpinions = 2;
  static constexpr int kMatchMin[] = {6};
  static constexpr int kMatchShare = 6;
  static constexpr int kSets = 4;
  static constexpr int kApms = 2;
  static constexpr int kInitialWeight = 64;
  static constexpr bool kExpectedContexts = false;

  static constexpr auto kForText = contexts::with_runs<2>(
      contexts::warmed(contexts::pick<contexts::kFullTextRows, "order 4", "order 3", "order 2", "order 6", "word",
                                      "8 classes", "2 words", "column", "16 classes">()));
  static constexpr auto kForRecords = contexts::with_runs<2>(
      contexts::pick<contexts::kStrongRecordsRows, "order 4", "bytes 2 3", "order 2", "order 6", "above, column",
                     "3 above", "2 records above, order 1", "column, order 1", "above, order 1">());
  static constexpr auto kForBilevel =
      contexts::with_runs<2>(contexts::pick<contexts::kStrongBilevelRows, "order 4", "3 and 2 near", "order 2",
                                            "2 and 1 near, 1 further", "3 and 2 near, 1 further", "4 and 4 near",
                                            "4 and 2 near, 2 further", "8 and 0 near", "8 and 8 near">());
  static constexpr auto kForX86 = contexts::with_runs<2>(contexts::first<9>(contexts::kX86Rows));
  static constexpr auto kForWords = contexts::with_runs<2>(contexts::first<9>(contexts::kWordsRows));
  static constexpr auto kForWasm = contexts::with_runs<2>(contexts::first<9>(contexts::kWasmRows));
  static constexpr auto kForBinary = contexts::with_runs<2>(
      contexts::pick<contexts::kStrongBinaryRows, "order 4", "order 3", "order 2", "order 6", "bytes 2 3", "bytes 3 4",
                     "bytes 1 3 5 6", "4 places, order 1", "order 2, classes">());
};

struct StrongSet {
  static constexpr int kId = 3;
  static constexpr bool kNumbers = false;
  static constexpr bool kStructured = false;
  static constexpr int kOpinions = 2;
  static constexpr int kMatchMin[] = {4, 8};
  static constexpr int kMatchShare = 7;
  static constexpr int kSets = 6;
  static constexpr int kApms = 2;
  static constexpr int kInitialWeight = 40;
  static constexpr bool kExpectedContexts = false;

  static constexpr auto kForText = contexts::with_runs<12>(contexts::kStrongTextRows);
  static constexpr auto kForRecords = contexts::with_runs<12>(contexts::kStrongRecordsRows);
  static constexpr auto kForBilevel = contexts::with_runs<12>(contexts::kStrongBilevelRows);
  static constexpr auto kForX86 = contexts::with_runs<12>(contexts::first<20>(contexts::kX86Rows));
  static constexpr auto kForWords = contexts::with_runs<12>(contexts::first<20>(contexts::kWordsRows));
  static constexpr auto kForWasm = contexts::with_runs<12>(contexts::first<20>(contexts::kWasmRows));
  static constexpr auto kForBinary = contexts::with_runs<12>(contexts::kStrongBinaryRows);
};

struct FullSet {
  static constexpr int kId = 4;
  static constexpr bool kNumbers = true;
  static constexpr bool kStructured = true;
  static constexpr int kOpinions = 3;
  static constexpr int kMatchMin[] = {5, 12};
  static constexpr int kMatchShare = 7;
  static constexpr int kSets = 13;
  static constexpr int kApms = 3;
  static constexpr int kInitialWeight = 30;
  static constexpr bool kExpectedContexts = true;

  static constexpr auto kForText = contexts::with_runs(contexts::kFullTextRows);
  static constexpr auto kForRecords = contexts::with_runs(contexts::kFullRecordsRows);
  static constexpr auto kForBilevel = contexts::with_runs(contexts::kFullBilevelRows);
  static constexpr auto kForX86 = contexts::with_runs(std::tuple_cat(
      contexts::kX86Rows, contexts::pick<contexts::kGeneralRows, "expected byte", "4 places, order 2">()));
  static constexpr auto kForWords = contexts::with_runs(std::tuple_cat(
      contexts::kWordsRows, contexts::pick<contexts::kGeneralRows, "expected byte", "order 16",
                                           "expected byte, order 2", "bytes 1 4", "4 places, order 2">()));
  static constexpr auto kForWasm = contexts::with_runs(std::tuple_cat(contexts::kWasmRows, contexts::kGeneralRows));
  static constexpr auto kForSamples = contexts::with_runs(contexts::kSamplesRows);
  static constexpr auto kForBinary = contexts::with_runs(contexts::kFullBinaryRows);
};

}  // namespace nzip::engine1::NZIP_ISA
