// The context-mixing engine, revision 1, in the table of engines.
#pragma once

#include "engine/table.hpp"

namespace nzip::engine1 {

extern const EngineEntry kEntry;

}  // namespace nzip::engine1
