// What an engine is given to begin with, a trained start or the head of a snapshot: refused, or something that codes.
#include <stdexcept>

#include "engine/table.hpp"
#include "input.hpp"

namespace nzip::fuzz {
namespace {

void code(Engine& engine, Bytes plain) {
  if (plain.empty()) return;
  const Segment all[] = {{kText, 0, plain.size()}};
  std::vector<uint8_t> coded(32 * plain.size() + 64);  // a bit costs at most 22, whatever the start says
  require(engine.encode(plain, 1, all, coded, kNever) <= coded.size());
}

}  // namespace

void run(Input input) {
  const EngineEntry& entry = *engines()[input.byte() % engines().size()];
  const int component_set = entry.component_sets[input.below(entry.component_sets.size())];
  const Bytes plain = input.take(input.byte());
  try {
    if (input.byte() % 4) {
      const size_t size = entry.make({component_set, 16})->start().size();
      const std::vector<uint8_t> start = repeated(input.rest(), input.byte() % 8 ? size : size - 1);
      code(*entry.make({component_set, 16, start}), plain);
      return;
    }
    const auto engine = entry.make({component_set, entry.snapshot_log2});
    const size_t head = (entry.snapshot_head + 63) / 64 * 64;
    std::vector<uint8_t> snapshot = repeated(input.rest(), head);
    std::ranges::copy(std::string_view("nzip snapshot\n"), snapshot.begin());
    snapshot[16] = uint8_t(entry.id);
    snapshot[17] = uint8_t(entry.revision);
    snapshot[18] = uint8_t(component_set);
    snapshot[19] = uint8_t(entry.snapshot_log2);
    engine->restore(0, snapshot);
    code(*engine, plain);
  } catch (const std::invalid_argument&) {
  }
}

}  // namespace nzip::fuzz
