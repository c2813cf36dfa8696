#include <algorithm>
#include <array>

#include "transforms/jpeg/scan.hpp"

namespace nzip::jpeg {
namespace {

const HuffmanTable& table_of(const std::shared_ptr<const HuffmanTable>& table) {
  if (!table) throw std::invalid_argument("a scan without its Huffman table");
  return *table;
}

// A number of `count` bits, of which those with a leading 0 are negative.
int read_signed(BitReader& bits, int count) {
  if (count == 0) return 0;
  const int value = int(bits.read(count));
  return value >> (count - 1) ? value : value - (1 << count) + 1;
}

int16_t checked(int value) {
  if (value < -kMaxCoefficient || value > kMaxCoefficient) throw std::invalid_argument("a coefficient is too large");
  return int16_t(value);
}

class Reader {
 public:
  Reader(BitReader& bits, const Scan& scan) : bits_(bits), scan_(scan) {}

  void restart(int number) {
    if (end_run_) throw std::invalid_argument("a run of ends is cut by a restart marker");
    bits_.take_restart(number);
    last_dc_.fill(0);
  }
  void sequential(size_t member, int16_t* block) {
    block[0] = checked(read_dc(member));
    const HuffmanTable& table = table_of(scan_.members[member].ac);
    for (int k = 1; k < 64; ++k) {
      const int symbol = table.read(bits_), size = symbol & 15;
      k += symbol >> 4;
      if (size == 0) {
        if (symbol >> 4 == 15) continue;
        if (symbol) throw std::invalid_argument("a symbol that sequential scans do not have");
        break;
      }
      if (k > 63) throw std::invalid_argument("a run beyond the block");
      block[kZigzag[size_t(k)]] = checked(read_signed(bits_, size));
    }
  }
  void first_dc(size_t member, int16_t* block) { block[0] = checked(read_dc(member) * (1 << scan_.low)); }
  void refine_dc(int16_t* block) {
    if (bits_.read(1)) block[0] = int16_t(block[0] | 1 << scan_.low);
  }
  void first_ac(int16_t* block) {
    if (end_run_) {
      --end_run_;
      return;
    }
    const HuffmanTable& table = table_of(scan_.members[0].ac);
    for (int k = scan_.first; k <= scan_.last; ++k) {
      const int symbol = table.read(bits_), size = symbol & 15, run = symbol >> 4;
      if (size == 0 && run < 15) {
        begin_end_run(run);
        --end_run_;
        return;
      }
      k += run;
      if (size == 0) continue;
      if (k > scan_.last) throw std::invalid_argument("a run beyond the scan");
      block[kZigzag[size_t(k)]] = checked(read_signed(bits_, size) * (1 << scan_.low));
    }
  }
  void refine_ac(int16_t* block) {
    const int16_t bit = int16_t(1 << scan_.low);
    int k = scan_.first;
    if (!end_run_) {
      const HuffmanTable& table = table_of(scan_.members[0].ac);
      for (; k <= scan_.last; ++k) {
        const int symbol = table.read(bits_), size = symbol & 15;
        int run = symbol >> 4, value = 0;
        if (size == 0) {
          if (run < 15) {
            begin_end_run(run);
            break;
          }
        } else {
          if (size != 1) throw std::invalid_argument("a new coefficient with more than one bit");
          value = bits_.read(1) ? bit : -bit;
        }
        for (; k <= scan_.last; ++k) {
          int16_t& coefficient = block[kZigzag[size_t(k)]];
          if (coefficient) {
            refine(coefficient, bit);
          } else {
            if (run == 0) break;
            --run;
          }
        }
        if (k > scan_.last && (size || run)) throw std::invalid_argument("a run beyond the scan");
        if (value) block[kZigzag[size_t(k)]] = int16_t(value);
      }
    }
    if (end_run_) {
      for (; k <= scan_.last; ++k)
        if (int16_t& coefficient = block[kZigzag[size_t(k)]]) refine(coefficient, bit);
      --end_run_;
    }
  }
  void end() const {
    if (end_run_) throw std::invalid_argument("a run of ends beyond the picture");
  }

 private:
  int read_dc(size_t member) {
    const int size = table_of(scan_.members[member].dc).read(bits_);
    if (size > 11) throw std::invalid_argument("a difference is too large");
    int& last = last_dc_[member];
    last = checked(last + read_signed(bits_, size));
    return last;
  }
  void begin_end_run(int size) { end_run_ = (1 << size) + int(size ? bits_.read(size) : 0); }
  void refine(int16_t& coefficient, int16_t bit) {
    if (bits_.read(1)) coefficient = checked(coefficient > 0 ? coefficient + bit : coefficient - bit);
  }

  BitReader& bits_;
  const Scan& scan_;
  std::array<int, 4> last_dc_{};
  int end_run_ = 0;
};

}  // namespace

void read_scan(BitReader& bits, const Frame& frame, const Scan& scan, Picture& picture) {
  Reader reader(bits, scan);
  const auto restart = [&](int number) { reader.restart(number); };
  const auto each = [&](auto block) { for_each_block(frame, scan, picture, block, restart); };
  if (!frame.progressive)
    each([&](size_t member, int16_t* block) { reader.sequential(member, block); });
  else if (scan.first == 0 && scan.high == 0)
    each([&](size_t member, int16_t* block) { reader.first_dc(member, block); });
  else if (scan.first == 0)
    each([&](size_t, int16_t* block) { reader.refine_dc(block); });
  else if (scan.high == 0)
    each([&](size_t, int16_t* block) { reader.first_ac(block); });
  else
    each([&](size_t, int16_t* block) { reader.refine_ac(block); });
  reader.end();
  bits.take_padding();
}

}  // namespace nzip::jpeg
