// Two revisions of an engine in one process: the first one and another that only copies.
//   nzip_two_engines
#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>

#include "engine/table.hpp"
#include "engine1/entry.hpp"
#include "tests/check.hpp"

namespace nzip {
namespace {

class Copying final : public Engine {
 public:
  size_t encode(std::span<const uint8_t> plain, uint32_t, std::span<const Segment>, std::span<uint8_t> out,
                const Stop&) override {
    if (plain.size() > out.size()) return out.size() + 1;
    std::ranges::copy(plain, out.begin());
    return plain.size();
  }
  bool decode(std::span<const uint8_t> coded, uint32_t, std::span<const Segment>, std::span<uint8_t> plain,
              const Stop&) override {
    if (coded.size() != plain.size()) return false;
    std::ranges::copy(coded, plain.begin());
    return true;
  }
  void learn(std::span<const uint8_t>, std::span<const Segment>, const Stop&) override {}
  std::vector<uint8_t> start() override { return {}; }
  std::vector<int32_t> state() override { return {}; }
  void set_state(std::span<const int32_t>) override {}
  void warm(std::span<const uint8_t>, uint8_t*, const Stop&) override {}
  void restore(uint64_t, std::span<const uint8_t>) override { throw std::invalid_argument("it has no snapshots"); }
};

constexpr int kSets[] = {1};
constexpr uint32_t kKinds[] = {kText, kBinary};

constinit const EngineEntry kSecond = {
    .id = 1,
    .revision = 2,
    .component_sets = kSets,
    .segment_kinds = kKinds,
    .instruction_sets = {},
    .snapshot_log2 = 16,
    .snapshot_head = 64,
    .expert_kinds = [](int) { return std::span<const ExpertKind>(); },
    .memory = [](int, int, uint64_t, uint32_t, uint64_t) { return uint64_t(sizeof(Copying)); },
    .snapshot_size = [](int) { return uint64_t(0); },
    .make = [](const EngineParts&) -> std::unique_ptr<Engine> { return std::make_unique<Copying>(); },
};

}  // namespace

std::span<const EngineEntry* const> engines() {
  static constexpr const EngineEntry* kEngines[] = {&engine1::kEntry, &kSecond};
  return kEngines;
}

namespace {

struct Coder {
  explicit Coder(uint32_t revision)
      : entry(*find_engine(1, revision)), encoder(entry.make({1, 16})), decoder(entry.make({1, 16})) {}

  // The coded size of a block that continues the run, once it was restored.
  size_t code(std::string_view text) {
    const std::span plain(reinterpret_cast<const uint8_t*>(text.data()), text.size());
    const Segment segments[] = {{kText, 0, text.size()}};
    std::vector<uint8_t> coded(text.size() + 64), restored(text.size());
    coded.resize(encoder->encode(plain, 1, segments, coded, {}));
    check(decoder->decode(coded, 1, segments, restored, {}) && std::ranges::equal(restored, plain));
    return coded.size();
  }

  const EngineEntry& entry;
  std::unique_ptr<Engine> encoder, decoder;
};

void test_two_revisions() {
  check(find_engine(1, 1) && find_engine(1, 2) && !find_engine(1, 3) && !find_engine(2, 1));
  Coder first(1), second(2);
  std::string text;
  for (int i = 0; i < 50; ++i) text += "some text and " + std::to_string(i) + " more of it. ";
  size_t before = text.size();
  for (int block = 0; block < 3; ++block) {  // in turns
    const size_t size = first.code(text);
    check(size < before && second.code(text) == text.size());
    before = size;
  }
  check(first.entry.memory(1, 16, 0, 1, 0) > second.entry.memory(1, 16, 0, 1, 0));
}

}  // namespace
}  // namespace nzip

int main() {
  nzip::test_two_revisions();
  return finished();
}
