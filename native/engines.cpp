// The engines that exist. A new one, or a new revision, is a folder beside engine1/ and a line here.
#include "engine/table.hpp"
#include "engine1/entry.hpp"

namespace nzip {

std::span<const EngineEntry* const> engines() {
  static constexpr const EngineEntry* kEngines[] = {&engine1::kEntry};
  return kEngines;
}

}  // namespace nzip
