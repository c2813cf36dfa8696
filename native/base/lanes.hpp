// How a block is cut into lanes, and which of its bytes have been coded so far.
#pragma once

#include <cstdint>

namespace nzip {

// Lanes are contiguous parts of the block, coded in turn: byte t of lane 0, byte t of lane 1, ... The first
// size % count lanes are one byte longer; lanes beyond the size are empty.
class LaneCut {
 public:
  LaneCut(uint32_t begin, uint32_t size, uint32_t count)
      : begin_(begin), size_(size), count_(count), short_(size / count), longer_(size % count) {}

  uint32_t begin(uint32_t lane) const { return begin_ + lane * short_ + (lane < longer_ ? lane : longer_); }
  uint32_t size(uint32_t lane) const { return short_ + (lane < longer_); }
  uint32_t rounds() const { return short_ + (longer_ > 0); }

  uint32_t lane_of(uint32_t position) const {
    const uint32_t offset = position - begin_, split = longer_ * (short_ + 1);
    return offset < split ? offset / (short_ + 1) : longer_ + (offset - split) / short_;
  }

  // Whether the byte at `position` is coded once `lane` has coded its byte of `round`. Earlier blocks of a solid run
  // are coded whole; what lies behind the block never is.
  bool coded(uint32_t position, uint32_t round, uint32_t lane) const {
    if (position < begin_) return true;
    if (count_ == 1) return position - begin_ <= round;
    if (position - begin_ >= size_) return false;
    const uint32_t owner = lane_of(position);
    return position - begin(owner) < round + (owner <= lane);
  }

  // The first position of the lane that holds `position`; 0 for earlier blocks of the run.
  uint32_t floor_of(uint32_t position) const {
    if (position < begin_) return 0;
    return count_ == 1 ? begin_ : begin(lane_of(position));
  }

 private:
  uint32_t begin_, size_, count_, short_, longer_;
};

}  // namespace nzip
