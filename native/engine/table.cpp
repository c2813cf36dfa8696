#include "engine/table.hpp"

namespace nzip {

const EngineEntry* find_engine(uint32_t id, uint32_t revision) {
  for (const EngineEntry* entry : engines())
    if (entry->id == id && entry->revision == revision) return entry;
  return nullptr;
}

}  // namespace nzip
