// Engine 1: any coded bytes fill the plaintext or are refused, and what it codes it restores, in each component set,
// with any segments, lanes, references and blocks of a run.
#include "base/limits.hpp"
#include "engine/table.hpp"
#include "input.hpp"

namespace nzip::fuzz {
namespace {

constexpr size_t kMost = 4096;  // bytes of a block: an instrumented engine is slow

std::vector<Segment> segments(Input& input, const EngineEntry& entry, size_t size) {
  std::vector<Segment> segments;
  while (size > 0) {
    const uint32_t kind = entry.segment_kinds[input.below(entry.segment_kinds.size())];
    uint32_t parameter = uint32_t(input.number(input.byte() % 5));
    if (kind == kExecutable) parameter = entry.instruction_sets[parameter % entry.instruction_sets.size()];
    const size_t length = segments.size() == 8 ? size : std::min(size, 1 + input.below(kMost));
    segments.push_back({kind, parameter, length});
    size -= length;
  }
  return segments;
}

std::unique_ptr<Engine> make(const EngineEntry& entry, int component_set, int table_log2, Bytes reference) {
  auto engine = entry.make({component_set, table_log2});
  if (!reference.empty()) {
    const Segment all[] = {{kBinary, 0, reference.size()}};
    engine->learn(reference, all, kNever);
  }
  return engine;
}

}  // namespace

void run(Input input) {
  const EngineEntry& entry = *engines()[input.byte() % engines().size()];
  const int component_set = entry.component_sets[input.below(entry.component_sets.size())];
  const int table_log2 = kMinTableLog2 + int(input.below(3));
  const uint32_t lanes = input.byte() % 2 ? 1 : uint32_t(1 + input.below(kMaxLanes));
  const bool codes = input.byte() % 2;
  const Bytes reference = input.take(input.byte() % 4 ? 0 : input.below(kMost));
  const auto decoder = make(entry, component_set, table_log2, reference);
  const auto encoder = codes ? make(entry, component_set, table_log2, reference) : nullptr;
  for (size_t blocks = 1 + input.byte() % 2; blocks > 0; --blocks) {
    const size_t size = 1 + input.below(kMost);
    const auto list = segments(input, entry, size);
    std::vector<uint8_t> restored(size);
    if (!codes) {
      if (!decoder->decode(input.take(blocks > 1 ? input.left() / 2 : input.left()), lanes, list, restored, kNever))
        return;
      continue;
    }
    const std::vector<uint8_t> plain = repeated(input.take(input.left() / blocks), size);
    std::vector<uint8_t> coded(2 * size + 64);
    const size_t coded_size = encoder->encode(plain, lanes, list, coded, kNever);
    require(coded_size <= coded.size());
    require(decoder->decode(Bytes(coded).first(coded_size), lanes, list, restored, kNever) && restored == plain);
  }
}

}  // namespace nzip::fuzz
