#define NZIP_ISA scalar  // of what is the same for all
#include "engine1/entry.hpp"

#include <array>

#include "base/simd_choice.hpp"
#include "engine1/component_sets.hpp"
#include "engine1/identity.hpp"
#include "engine1/kinds.hpp"

namespace nzip::engine1 {

// The variants, each compiled by itself. All answer alike what does not depend on the instruction set.
using Make = std::unique_ptr<Engine>(const EngineParts& parts);
NZIP_VARIANTS(Make, make)
namespace scalar {
uint64_t model_memory(int component_set, int table_log2, uint64_t reference);
uint64_t lane_memory(int component_set);
uint64_t snapshot_size(int component_set);
}  // namespace scalar

namespace {

using scalar::BalancedSet;
using scalar::FastSet;
using scalar::FullSet;
using scalar::StrongSet;

std::unique_ptr<Engine> make(const EngineParts& parts) {
  const bool wide = parts.component_set > BalancedSet::kId;  // mixers of few inputs and sets are small
  return make_for(simd_choice(wide))(parts);
}

std::span<const ExpertKind> expert_kinds(int component_set) {
  static constexpr std::array kKinds = {ExpertKind::kReference, ExpertKind::kNetwork, ExpertKind::kLanguageModel,
                                        ExpertKind::kExactLanguageModel, ExpertKind::kLearner};
  return std::span(kKinds).first(component_set == FullSet::kId ? 5 : 2);
}

uint64_t memory(int component_set, int table_log2, uint64_t run_size, uint32_t lanes, uint64_t reference) {
  constexpr uint64_t kSlack = uint64_t(1) << 20, kLane = 256;  // alignment and the like, of all and of a lane
  return (uint64_t(1) << table_log2) + scalar::model_memory(component_set, table_log2, reference) + reference +
         run_size + (scalar::lane_memory(component_set) + kLane) * lanes + kSlack;
}

constexpr int kComponentSets[] = {FastSet::kId, BalancedSet::kId, StrongSet::kId, FullSet::kId};
constexpr uint32_t kInstructionSets[] = {kX86, kX64, kArm64, kSparc, kWasm};

}  // namespace

constinit const EngineEntry kEntry = {
    .id = kId,
    .revision = kRevision,
    .component_sets = kComponentSets,
    .segment_kinds = kKinds,
    .instruction_sets = kInstructionSets,
    .snapshot_log2 = kSnapshotLog2,
    .snapshot_head = kSnapshotHead,
    .expert_kinds = expert_kinds,
    .memory = memory,
    .snapshot_size = scalar::snapshot_size,
    .make = make,
};

}  // namespace nzip::engine1
