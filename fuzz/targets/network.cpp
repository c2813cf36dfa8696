// Networks of any weights: refused, or they predict the same while bytes are coded and decoded.
#include "experts/network/network.hpp"

#include <stdexcept>

#include "engine/table.hpp"
#include "experts/network/forecast.hpp"
#include "input.hpp"

namespace nzip::fuzz {
namespace {

std::unique_ptr<Engine> make(const EngineEntry& entry, int component_set,
                             const std::shared_ptr<const Network>& network) {
  EngineParts parts{component_set, 16};
  parts.experts = {{ExpertKind::kNetwork, std::make_shared<LaneForecasts>(network, nullptr, 0)}};
  return entry.make(parts);
}

}  // namespace

void run(Input input) {
  const EngineEntry& entry = *engines()[0];
  const int component_set = entry.component_sets[input.below(entry.component_sets.size())];
  const auto architecture = input.byte() % 2 ? Architecture::kGlr1 : Architecture::kGlr2;
  const int channels = kChannelStep * int(1 + input.below(2)), layers = int(1 + input.below(3));
  const uint32_t lanes = uint32_t(1 + input.below(4));
  const size_t size = 1 + input.below(100);
  const std::vector<uint8_t> plain = repeated(input.take(size), size);
  // Of the numbers that are checked most must be in bounds: a pattern of bytes that are small.
  std::vector<uint8_t> tensors =
      repeated(input.take(input.byte()), Network::tensor_bytes(architecture, channels, layers));
  for (uint8_t& byte : tensors) byte %= 26;
  while (!input.ended()) tensors[input.below(tensors.size())] = input.byte();
  try {
    const auto network = std::make_shared<const Network>(tensors, architecture, channels, layers);
    const Segment all[] = {{kText, 0, size}};
    std::vector<uint8_t> coded(2 * size + 64), restored(size);
    const size_t coded_size = make(entry, component_set, network)->encode(plain, lanes, all, coded, kNever);
    require(coded_size <= coded.size());
    const Bytes payload = Bytes(coded).first(coded_size);
    require(make(entry, component_set, network)->decode(payload, lanes, all, restored, kNever) && restored == plain);
  } catch (const std::invalid_argument&) {
  }
}

}  // namespace nzip::fuzz
