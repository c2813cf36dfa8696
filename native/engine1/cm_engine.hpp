// The engine of one instruction set: drives a predictor and a range coder over the lanes of a block.
#pragma once

#include <algorithm>
#include <array>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <vector>

#include "base/limits.hpp"
#include "base/memory.hpp"
#include "coder/range_coder.hpp"
#include "engine/engine.hpp"
#include "engine1/code/addresses.hpp"
#include "engine1/kinds.hpp"
#include "engine1/predictors.hpp"
#include "engine1/samples/order.hpp"
#include "engine1/warming.hpp"

namespace nzip::engine1::NZIP_ISA {

template <class Predictor>
class CmEngine final : public Engine {
 public:
  explicit CmEngine(const EngineParts& parts)
      : predictor_(parts.table_log2, parts.coded_size < (uint64_t(1) << parts.table_log2) / kMostFilled),
        experts_(parts.experts) {
    if (parts.start.empty()) return;
    if (parts.start.size() != predictor_.start_sizes().bytes)
      throw std::invalid_argument("the trained start is not one of this engine");
    predictor_.read_start(parts.start);
  }

  std::vector<uint8_t> start() override { return predictor_.write_start(); }
  std::vector<int32_t> state() override { return predictor_.write_state(); }
  void set_state(std::span<const int32_t> state) override {
    if (state.size() != predictor_.start_sizes().values)
      throw std::invalid_argument("the state is not one of this engine");
    predictor_.read_state(state);
  }

  size_t encode(std::span<const uint8_t> plain, uint32_t lanes, std::span<const Segment> segments,
                std::span<uint8_t> out, const Stop& stop) override {
    const std::span<uint8_t> block = place(plain, segments, stop);
    RangeEncoder coder(out.data(), out.size());
    const bool fits = each_byte(
        block, true, lanes, segments, kExperts, stop,
        [&](uint32_t at) {
          const int c = block[at];
          for (int bit = 7; bit >= 0; --bit) {
            const int y = c >> bit & 1;
            coder.encode_bit(y, predictor_.predict());
            predictor_.update(y);
          }
          return c;
        },
        [&](uint32_t at) { coder.encode_symbol(block[at], 1, 8); }, [&] { return !coder.overflowed(); });
    return fits ? coder.finish() : out.size() + 1;
  }

  bool decode(std::span<const uint8_t> coded, uint32_t lanes, std::span<const Segment> segments,
              std::span<uint8_t> plain, const Stop& stop) override {
    RangeDecoder coder(coded.data(), coded.size());
    const std::span<uint8_t> block = room_for(plain.size());
    const bool ended = each_byte(
        block, false, lanes, segments, kExperts, stop,
        [&](uint32_t at) {
          int c = 1;
          while (c < 256) {
            const int y = coder.decode_bit(predictor_.predict());
            predictor_.update(y);
            c = c << 1 | y;
          }
          block[at] = uint8_t(c);
          return c & 255;
        },
        [&](uint32_t at) {
          block[at] = uint8_t(coder.peek(8));
          coder.consume(block[at], 1, 8);
        },
        [&] { return !coder.exhausted(); });
    if (!ended) return false;
    std::ranges::copy(block, plain.begin());
    restore_code(plain, segments, stop);
    SampleOrder::decode(plain, segments, stop);
    return true;
  }

  void learn(std::span<const uint8_t> reference, std::span<const Segment> segments, const Stop& stop) override {
    predictor_.expect_reference(reference.size());
    const std::span<uint8_t> block = place(reference, segments, stop);
    each_byte(
        block, true, 1, segments, Predictor::kReferenceExperts, stop,
        [&](uint32_t at) {
          const int c = block[at];
          for (int bit = 7; bit >= 0; --bit) {
            predictor_.predict();
            predictor_.update(c >> bit & 1);
          }
          return c;
        },
        [](uint32_t) {}, [] { return true; });
  }

  void warm(std::span<const uint8_t> prime, uint8_t* snapshot, const Stop& stop) override {
    Warming<Predictor> warming(predictor_);
    warming.learn(prime, stop);
    warming.save(snapshot);
  }

  void restore(uint64_t at, std::span<const uint8_t> part) override {
    Warming<Predictor>(predictor_).restore(at, part);
  }

 private:
  static constexpr int kExperts = Predictor::kExperts;
  using Lane = typename Predictor::Lane;

  // Bytes of the table for each coded byte, beyond which it is not kept in huge pages: a file of a kilobyte could have
  // a gigabyte of them. Writers give 512 bytes to each byte of plaintext.
  static constexpr uint64_t kMostFilled = 1 << 14;

  // Where the history goes on with the next block.
  std::span<uint8_t> room_for(size_t size) {
    if (uint64_t(run_size_) + size > kMaxRun) throw std::length_error("a run is larger than 2^31 bytes");
    history_.grow_to(size_t(run_size_) + size);
    return {history_.data() + run_size_, size};
  }

  // The lanes code what the transforms make of the plaintext, from where it will stand in the history anyway.
  std::span<uint8_t> place(std::span<const uint8_t> plain, std::span<const Segment> segments, const Stop& stop) {
    const std::span<uint8_t> block = room_for(plain.size());
    std::ranges::copy(plain, block.begin());
    transform_code(block, segments, stop);
    SampleOrder::encode(block, segments, stop);
    return block;
  }

  // Calls code(offset in block) -> byte for every byte in coding order, the predictor being ready for it, or
  // pass(offset) where nothing is predicted, until going_on() is false; returns whether the end was reached. A block
  // that is known holds its bytes before they are coded. asked: so many of the experts are. Where one says nothing, the
  // one before it speaks for it.
  template <class Code, class Pass, class GoingOn>
  bool each_byte(std::span<const uint8_t> block, bool is_known, uint32_t lane_count, std::span<const Segment> segments,
                 int asked, const Stop& stop, Code code, Pass pass, GoingOn going_on) {
    const uint32_t size = uint32_t(block.size());
    const LaneCut cut(run_size_, size, lane_count);
    const uint8_t* history = history_.data();
    std::unique_ptr<Lane[]> lanes(new Lane[lane_count]());
    for (uint32_t i = 0; i < lane_count; ++i) {
      lanes[i].enter(cut.begin(i));
      enter_segment(lanes[i], segments);
      if (cut.size(i) && lanes[i].is_modelled()) predictor_.prepare(lanes[i], history);
    }
    for (int e = 0; e < asked; ++e)
      experts_[e].expert->begin_block(block.data(), is_known, LaneCut(0, size, lane_count), lane_count, segments);
    std::array<ByteTree, kExperts> trees;
    for (uint32_t round = 0; round < cut.rounds(); ++round) {
      stop.check();
      for (int e = 0; e < asked; ++e)
        experts_[e].expert->begin_round(round, e ? experts_[e - 1].expert.get() : nullptr, stop);
      for (uint32_t i = 0; i < lane_count; ++i) {
        if (round == cut.size(i)) break;  // this lane and those after it are shorter: done
        Lane& lane = lanes[i];
        const bool packed = !lane.is_modelled();
        if (packed) {  // nothing but the position takes notice
          pass(lane.position++ - run_size_);
        } else {
          for (int e = 0; e < kExperts; ++e) {
            if (const uint32_t* weights = e < asked ? experts_[e].expert->weights(i) : nullptr)
              trees[e].set(weights);
            else if (e > 0)
              trees[e] = trees[e - 1];
          }
          predictor_.begin_byte(lane, history, trees.data());
          const uint8_t c = uint8_t(code(lane.position - run_size_));
          predictor_.end_byte();
          lane.push(c);
        }
        if (lane.position == lane.segment_end) enter_segment(lane, segments);
        // Where matches are no part of contexts, what these ask for arrives while those are followed.
        constexpr bool kAsksFirst = !Predictor::Set::kExpectedContexts;
        if (kAsksFirst && lane.is_modelled()) predictor_.prepare(lane, history);
        if (!packed) predictor_.follow_matches(lane, history, cut, round, i);
        if (!kAsksFirst && lane.is_modelled()) predictor_.prepare(lane, history);
      }
      if (!going_on()) return false;
      done_.store(uint64_t(round) * lane_count, std::memory_order_relaxed);
    }
    run_size_ += size;
    return true;
  }

  // Finds the segment that holds the lane's next byte.
  void enter_segment(LaneState& lane, std::span<const Segment> segments) const {
    uint64_t end = lane.segment_end ? lane.segment_end : run_size_;
    while (lane.segment < segments.size() && (end <= lane.position)) {
      const Segment& s = segments[lane.segment++];
      end += s.length;
      lane.segment_begin = end - s.length;
      lane.kind = s.kind;
      lane.model = model_of(s.kind);
      lane.machine = s.kind == kExecutable ? s.param : 0;
      lane.param = s.param;
      lane.stride = stride_of(s);
    }
    lane.segment_end = end;
    lane.column = 0;
    lane.elements.enter(lane.stride);
    lane.x86 = {};
    lane.x86.position = lane.position - run_size_;
    lane.wasm = {};
    lane.words = {};
    lane.words.at = (lane.position - run_size_) & 3;
  }

  // What sets that do not predict numbers take for the length of a record.
  static uint32_t stride_of(const Segment& s) {
    if (s.kind == kRecords || s.kind == kBilevel) return s.param;
    if (s.kind != kSamples) return 0;
    const SampleLayout layout = SampleLayout::of(s.param);
    return layout.row && layout.width == 1 ? layout.row : layout.pixel();
  }

  Predictor predictor_;
  std::vector<ExpertPart> experts_;  // kExperts of them
  ByteBuffer history_;
  uint32_t run_size_ = 0;  // plaintext bytes of the run's earlier blocks
};

// Calls f with the component set of that number.
template <class F>
auto with_component_set(int component_set, F f) {
  switch (component_set) {
    case FastSet::kId:
      return f(FastSet());
    case BalancedSet::kId:
      return f(BalancedSet());
    case StrongSet::kId:
      return f(StrongSet());
    default:
      return f(FullSet());
  }
}

// What takes the most memory.
template <class Set>
struct Largest {
  using Type = typename Predictors<Set>::WithNetwork;
};
template <>
struct Largest<FullSet> {
  using Type = Predictors<FullSet>::WithNetworkAndLearner;
};

uint64_t model_memory(int component_set, int table_log2, uint64_t reference) {
  return with_component_set(component_set,
                            [&]<class Set>(Set) { return Largest<Set>::Type::model_memory(table_log2, reference); });
}

uint64_t lane_memory(int component_set) {
  return with_component_set(component_set, []<class Set>(Set) { return Largest<Set>::Type::lane_memory(); });
}

uint64_t snapshot_size(int component_set) {
  return with_component_set(component_set,
                            []<class Set>(Set) { return Warming<typename Predictors<Set>::Alone>::snapshot_size(); });
}

std::unique_ptr<Engine> make(const EngineParts& parts) {
  std::vector<ExpertKind> kinds;
  for (const ExpertPart& part : parts.experts) kinds.push_back(part.kind);
  const auto are = [&](std::initializer_list<ExpertKind> these) { return std::ranges::equal(kinds, these); };
  return with_component_set(parts.component_set, [&]<class Set>(Set) -> std::unique_ptr<Engine> {
    using Made = Predictors<Set>;
    if (are({})) return std::make_unique<CmEngine<typename Made::Alone>>(parts);
    if (are({ExpertKind::kNetwork})) return std::make_unique<CmEngine<typename Made::WithNetwork>>(parts);
    if constexpr (std::is_same_v<Set, FullSet>) {
      if (are({ExpertKind::kLearner})) return std::make_unique<CmEngine<typename Made::WithLearner>>(parts);
      if (are({ExpertKind::kNetwork, ExpertKind::kLearner}))
        return std::make_unique<CmEngine<typename Made::WithNetworkAndLearner>>(parts);
      if (are({ExpertKind::kNetwork, ExpertKind::kLanguageModel}))
        return std::make_unique<CmEngine<typename Made::WithLanguageModel>>(parts);
    }
    throw std::invalid_argument("a component set mixes at most a network, and set 4 one other expert beside it");
  });
}

}  // namespace nzip::engine1::NZIP_ISA
