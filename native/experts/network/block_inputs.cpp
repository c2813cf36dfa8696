#include "experts/network/block_inputs.hpp"

#include <vector>

#include "experts/network/features.hpp"
#include "experts/network/statistics.hpp"

namespace nzip {

namespace {

// Lanes see nothing of each other.
class Glr1Inputs final : public BlockInputs {
 public:
  Glr1Inputs(const uint8_t* block, const LaneCut& cut, uint32_t lanes) : block_(block), cut_(cut), lanes_(lanes) {}

  void rows(uint32_t lane, uint32_t, int32_t* row) const override { lanes_[lane].rows(row); }
  void push(uint32_t lane, uint32_t round) override { lanes_[lane].push(block_ + cut_.begin(lane), round); }

 private:
  const uint8_t* block_;
  LaneCut cut_;
  std::vector<InputFeatures> lanes_;
};

// Lanes share what the block has taught.
class Glr2Inputs final : public BlockInputs {
 public:
  Glr2Inputs(const uint8_t* block, const LaneCut& cut, uint32_t lanes) : block_{block, cut} {
    for (uint32_t i = 0; i < lanes; ++i) lanes_.emplace_back(cut.begin(i));
  }

  void rows(uint32_t lane, uint32_t round, int32_t* row) const override {
    lanes_[lane].rows(statistics_, block_, round, row);
  }
  void push(uint32_t lane, uint32_t round) override {
    lanes_[lane].push(statistics_, block_, block_.cut.begin(lane) + round, round);
  }

 private:
  glr2::Block block_;
  glr2::Statistics statistics_;
  std::vector<glr2::Inputs> lanes_;
};

}  // namespace

uint64_t inputs_memory(Architecture architecture, uint32_t lanes) {
  if (architecture == Architecture::kGlr1) return sizeof(Glr1Inputs) + lanes * sizeof(InputFeatures);
  constexpr uint64_t kGrown = 2;  // a list that grows may have twice the room
  return sizeof(Glr2Inputs) + glr2::Statistics::memory() + kGrown * lanes * sizeof(glr2::Inputs);
}

std::unique_ptr<BlockInputs> make_inputs(Architecture architecture, const uint8_t* block, const LaneCut& cut,
                                         uint32_t lanes) {
  if (architecture == Architecture::kGlr1) return std::make_unique<Glr1Inputs>(block, cut, lanes);
  return std::make_unique<Glr2Inputs>(block, cut, lanes);
}

}  // namespace nzip
