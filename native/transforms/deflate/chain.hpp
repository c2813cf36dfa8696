// Positions by a hash of the bytes from there on, each linked to the one before it.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "transforms/deflate/symbols.hpp"

namespace nzip::deflate {

// Numbers of 16 bits only, so that tables stay in a processor's nearer caches: positions count from a base, which the
// owner moves, so that they are from kFirst to 2^16 - 1.
class Chain {
 public:
  static constexpr size_t kMostPlaces = 2 * kMaxDistance;  // that it remembers
  static constexpr uint32_t kFirst = kMaxDistance + 1;

  bool empty() const { return last_.empty(); }
  // For positions of so many bytes.
  void make(int hash_bits, size_t size) {
    last_.assign(size_t(1) << hash_bits, 0);
    further_.resize(std::min(std::bit_ceil(size), kMostPlaces));
  }
  // From each position how far it is to the one before; where there is none, farther than a match may be.
  class Links {
   public:
    Links(const uint16_t* further, size_t mask) : further_(further), mask_(mask) {}
    ptrdiff_t operator[](ptrdiff_t at) const { return further_[size_t(at) & mask_]; }

   private:
    const uint16_t* further_;
    size_t mask_;
  };
  // A position that no other leads to.
  void leave_out(size_t at) { further_[at & (further_.size() - 1)] = 0; }
  bool leaves_out(size_t at) const { return further_[at & (further_.size() - 1)] == 0; }
  Links links() const { return {further_.data(), further_.size() - 1}; }
  // From 2^16 to kFirst. What becomes 0 is too far from all that comes.
  void slide() {
    constexpr uint32_t kBy = 0x10000 - kFirst;
    for (uint16_t& last : last_) last = uint16_t(std::max<uint32_t>(last, kBy) - kBy);
  }

  // Tables that do not move while places are added.
  class Places {
   public:
    explicit Places(Chain& chain)
        : last_(chain.last_.data()), further_(chain.further_.data()), mask_(chain.further_.size() - 1) {}
    // Returns how far it is to the one before.
    uint32_t insert(uint32_t hash, size_t at, uint32_t behind_base) {
      const uint32_t distance = behind_base - last_[hash];
      last_[hash] = uint16_t(behind_base);
      further_[at & mask_] = uint16_t(distance);
      return distance;
    }

   private:
    uint16_t *const last_, *const further_;
    const size_t mask_;
  };

 private:
  std::vector<uint16_t> last_;     // by hash; 0: there is none
  std::vector<uint16_t> further_;  // from each position to the one before
};

}  // namespace nzip::deflate
