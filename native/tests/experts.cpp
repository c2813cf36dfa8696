// An expert joins by a class; an engine asks it about all bytes that are predicted:
//   nzip_experts
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "engine/table.hpp"
#include "engine1/entry.hpp"
#include "tests/check.hpp"

namespace nzip {

std::span<const EngineEntry* const> engines() {
  static constexpr const EngineEntry* kEngines[] = {&engine1::kEntry};
  return kEngines;
}

namespace {

// Says of every byte that all values are as likely.
class Nothing final : public ByteExpert {
 public:
  explicit Nothing(uint32_t& rounds) : rounds_(rounds) { flat_.fill(1); }

  void begin_block(const uint8_t*, bool, const LaneCut&, uint32_t, std::span<const Segment>) override {}
  void begin_round(uint32_t round, const ByteExpert*, const Stop&) override { rounds_ = round + 1; }
  const uint32_t* weights(uint32_t) const override { return flat_.data(); }

 private:
  uint32_t& rounds_;
  std::array<uint32_t, 256> flat_;
};

void test_an_expert_that_says_nothing() {
  std::string text;
  for (int i = 0; i < 60; ++i) text += "some text and " + std::to_string(i * i) + " more of it. ";
  const std::span plain(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  const Segment segments[] = {{kText, 0, text.size()}};
  const EngineEntry& entry = *find_engine(1, 1);
  constexpr uint32_t kLanes = 3;
  for (const int set : entry.component_sets) {
    std::vector<uint8_t> alone(text.size()), coded(text.size()), restored(text.size());
    alone.resize(entry.make({set, 16})->encode(plain, kLanes, segments, alone, {}));
    const auto with_nothing = [&](uint32_t& rounds) {
      EngineParts parts{set, 16};
      parts.experts = {{ExpertKind::kNetwork, std::make_shared<Nothing>(rounds)}};
      return entry.make(parts);
    };
    uint32_t encoded = 0, decoded = 0;
    coded.resize(with_nothing(encoded)->encode(plain, kLanes, segments, coded, {}));
    check(coded.size() < alone.size() + alone.size() / 8 && coded.size() != text.size() + 1);
    check(with_nothing(decoded)->decode(coded, kLanes, segments, restored, {}));
    check(std::ranges::equal(restored, plain) && encoded == decoded && encoded == (text.size() + 2) / kLanes);
  }
}

}  // namespace
}  // namespace nzip

int main() {
  nzip::test_an_expert_that_says_nothing();
  return finished();
}
