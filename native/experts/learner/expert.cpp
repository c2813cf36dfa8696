#include "experts/learner/expert.hpp"

#include <vector>

#include "base/plain_floats.hpp"
#include "base/simd_choice.hpp"
#include "experts/learner/learner.hpp"

namespace nzip {

using Make = std::unique_ptr<Learner>();
NZIP_VARIANTS(Make, make_learner)
namespace scalar {
uint64_t learner_size();
}

namespace {

class LearnerExpert final : public ByteExpert {
 public:
  void begin_block(const uint8_t* plain, bool /*is_known*/, const LaneCut& cut, uint32_t lanes,
                   std::span<const Segment> segments) override {
    plain_ = plain;
    cut_ = cut;
    segments_ = segments;
    lanes_ = std::vector<Lane>(lanes);
  }

  void begin_round(uint32_t round, const ByteExpert* before, const Stop& /*stop*/) override {
    const PlainFloats plain;
    for (uint32_t i = 0; i < lanes_.size() && round < cut_.size(i); ++i) {
      Lane& lane = lanes_[i];
      const uint64_t at = cut_.begin(i) + uint64_t(round);
      if (lane.predicted) lane.last = plain_[at - 1];
      lane.predicted = !packed(lane, at);
      if (!lane.predicted) continue;
      if (!lane.learner) lane.learner = make_learner_for(simd_choice())();
      lane.learner->next(lane.last, before ? before->weights(i) : nullptr, lane.weights);
    }
  }

  const uint32_t* weights(uint32_t lane) const override { return lanes_[lane].weights; }

 private:
  struct Lane {
    std::unique_ptr<Learner> learner;  // made for the first byte that it predicts
    size_t segment = 0;                // the first that its bytes have not reached
    uint64_t segment_end = 0;          // offset in the block of that one's first byte
    bool predicted = false;            // its byte of the last round is not packed
    uint8_t last = '\n';
    alignas(64) uint32_t weights[256];
  };

  bool packed(Lane& lane, uint64_t offset) const {
    while (lane.segment_end <= offset) lane.segment_end += segments_[lane.segment++].length;
    return segments_[lane.segment - 1].kind == kPacked;
  }

  const uint8_t* plain_ = nullptr;
  LaneCut cut_{0, 0, 1};
  std::span<const Segment> segments_;
  std::vector<Lane> lanes_;
};

}  // namespace

std::shared_ptr<ByteExpert> make_learner_expert() { return std::make_shared<LearnerExpert>(); }

uint64_t learner_memory(uint32_t lanes) { return lanes * (scalar::learner_size() + 4096); }

}  // namespace nzip
