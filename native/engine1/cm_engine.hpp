// The engine of one instruction set: drives a predictor and a range coder over the lanes of a block.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "coder/range_coder.hpp"
#include "engine/engine.hpp"
#include "engine1/code/addresses.hpp"
#include "engine1/predictor.hpp"
#include "engine1/samples/order.hpp"
#include "engine1/warming.hpp"
#include "experts/byte_expert.hpp"
#include "experts/network/forecast.hpp"

namespace nzip::engine1::NZIP_ISA {

template <class P, bool kNetwork, bool kExpert = false>
class CmEngine final : public Engine {
 public:
  explicit CmEngine(const EngineParts& parts)
      : predictor_(parts.table_log2, parts.coded_size < (uint64_t(1) << parts.table_log2) / kMostFilled),
        expert_(parts.expert) {
    if (kNetwork) network_ = std::make_unique<LaneForecasts>(parts.network, parts.exchange, parts.helpers);
    if (parts.start.empty()) return;
    if (parts.start.size() != predictor_.start_size())
      throw std::invalid_argument("the trained start is not one of this engine");
    predictor_.read_start(parts.start);
  }

  std::vector<uint8_t> start() override { return predictor_.write_start(); }

  size_t encode(std::span<const uint8_t> plain, uint32_t lanes, std::span<const Segment> segments,
                std::span<uint8_t> out, const Stop& stop) override {
    const std::span<uint8_t> block = place(plain, segments, stop);
    RangeEncoder coder(out.data(), out.size());
    const bool fits = each_byte(
        block, true, lanes, segments, expert_.get(), stop,
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
        block, false, lanes, segments, expert_.get(), stop,
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
        block, true, 1, segments, nullptr, stop,
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
    Warming<P, kNetwork, kExpert> warming(predictor_);
    warming.learn(prime, stop);
    warming.save(snapshot);
  }

  void restore(uint64_t at, std::span<const uint8_t> part) override {
    Warming<P, kNetwork, kExpert>(predictor_).restore(at, part);
  }

 private:
  using Lane = typename Predictor<P, kNetwork, kExpert>::Lane;

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
  // that is known holds its bytes before they are coded. Where the expert says nothing, the network speaks for it.
  template <class Code, class Pass, class GoingOn>
  bool each_byte(std::span<const uint8_t> block, bool is_known, uint32_t lane_count, std::span<const Segment> segments,
                 ByteExpert* expert, const Stop& stop, Code code, Pass pass, GoingOn going_on) {
    const uint32_t size = uint32_t(block.size());
    const LaneCut cut(run_size_, size, lane_count);
    const uint8_t* history = history_.data();
    std::unique_ptr<Lane[]> lanes(new Lane[lane_count]());
    for (uint32_t i = 0; i < lane_count; ++i) {
      lanes[i].enter(cut.begin(i));
      enter_segment(lanes[i], segments);
      if (cut.size(i) && lanes[i].kind != kPacked) predictor_.prepare(lanes[i], history);
    }
    if (kNetwork) network_->begin_block(block.data(), is_known, LaneCut(0, size, lane_count), lane_count, segments);
    ByteTree trees[1 + kExpert];
    if constexpr (kExpert)
      if (expert) expert->begin_block(block.data(), LaneCut(0, size, lane_count), lane_count, segments);
    for (uint32_t round = 0; round < cut.rounds(); ++round) {
      stop.check();
      if (kNetwork) network_->begin_round(round, stop);
      if constexpr (kExpert)
        if (expert) expert->begin_round(round, *network_, stop);
      for (uint32_t i = 0; i < lane_count; ++i) {
        if (round == cut.size(i)) break;  // this lane and those after it are shorter: done
        Lane& lane = lanes[i];
        const bool packed = lane.kind == kPacked;
        if (packed) {  // nothing but the position takes notice
          pass(lane.position++ - run_size_);
        } else {
          if (kNetwork) trees[0].set(network_->weights(i));
          if constexpr (kExpert) {
            if (const uint32_t* weights = expert ? expert->weights(i) : nullptr)
              trees[1].set(weights);
            else
              trees[1] = trees[0];
          }
          predictor_.begin_byte(lane, history, trees);
          const uint8_t c = uint8_t(code(lane.position - run_size_));
          predictor_.end_byte();
          lane.push(c);
        }
        if (lane.position == lane.segment_end) enter_segment(lane, segments);
        // Where matches are no part of contexts, what these ask for arrives while those are followed.
        constexpr bool kAsksFirst = !P::kExpectedContexts;
        if (kAsksFirst && lane.kind != kPacked) predictor_.prepare(lane, history);
        if (!packed) predictor_.advance_matches(lane, history, cut, round, i);
        if (!kAsksFirst && lane.kind != kPacked) predictor_.prepare(lane, history);
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
      lane.machine = s.kind == kExecutable ? s.param : 0;
      lane.param = s.param;
      lane.stride = stride_of(s);
    }
    lane.segment_end = end;
    lane.column = 0;
    lane.x86 = {};
    lane.wasm = {};
    lane.words = {};
    lane.words.at = (lane.position - run_size_) & 3;
  }

  // What profiles that do not predict numbers take for the length of a record.
  static uint32_t stride_of(const Segment& s) {
    if (s.kind == kRecords || s.kind == kBilevel) return s.param;
    if (s.kind != kSamples) return 0;
    const SampleLayout layout = SampleLayout::of(s.param);
    return layout.row && layout.width == 1 ? layout.row : layout.pixel();
  }

  Predictor<P, kNetwork, kExpert> predictor_;
  std::unique_ptr<LaneForecasts> network_;
  std::shared_ptr<ByteExpert> expert_;
  ByteBuffer history_;
  uint32_t run_size_ = 0;  // plaintext bytes of the run's earlier blocks
};

// Calls f with the profile of that number.
template <class F>
auto with_profile(int profile, F f) {
  switch (profile) {
    case FastProfile::kId:
      return f(FastProfile());
    case BalancedProfile::kId:
      return f(BalancedProfile());
    case StrongProfile::kId:
      return f(StrongProfile());
    default:
      return f(FullProfile());
  }
}

uint64_t model_memory(int profile, int table_log2, uint64_t reference) {
  return with_profile(profile,
                      [&](auto p) { return Predictor<decltype(p), true>::model_memory(table_log2, reference); });
}

uint64_t lane_memory(int profile) {
  return with_profile(profile, [](auto p) { return Predictor<decltype(p), true>::lane_memory(); });
}

uint64_t snapshot_size(int profile) {
  return with_profile(profile, [](auto p) { return Warming<decltype(p), false, false>::snapshot_size(); });
}

std::unique_ptr<Engine> make(const EngineParts& parts) {
  return with_profile(parts.profile, [&](auto p) -> std::unique_ptr<Engine> {
    using P = decltype(p);
    if (parts.expert) {
      if constexpr (P::kId == FullProfile::kId)
        if (parts.network) return std::make_unique<CmEngine<P, true, true>>(parts);
      throw std::invalid_argument("an expert stands beside a network, with profile 4");
    }
    if (parts.network) return std::make_unique<CmEngine<P, true>>(parts);
    return std::make_unique<CmEngine<P, false>>(parts);
  });
}

}  // namespace nzip::engine1::NZIP_ISA
