#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

#include "transforms/jpeg/marks.hpp"
#include "transforms/jpeg/scan.hpp"

namespace nzip::jpeg {
namespace {

const HuffmanTable& table_of(const std::shared_ptr<const HuffmanTable>& table) {
  if (!table) throw std::invalid_argument("a scan without its Huffman table");
  return *table;
}

int size_of(int value) { return std::bit_width(unsigned(std::abs(value))); }

// The number that stands for a value among those of its size.
void write_signed(BitWriter& bits, int value, int size) {
  if (size) bits.write(uint32_t(value > 0 ? value : value + (1 << size) - 1), size);
}

class Writer {
 public:
  Writer(BitWriter& bits, const Scan& scan) : bits_(bits), scan_(scan) {}

  void restart(int number) {
    write_end_run();
    bits_.restart(number);
    last_dc_.fill(0);
  }
  void sequential(size_t member, const int16_t* block) {
    write_dc(member, block[0]);
    const HuffmanTable& table = table_of(scan_.members[member].ac);
    int last = 0;
    for (uint64_t marks = marks_in_order(block) & ~uint64_t(1); marks; marks &= marks - 1) {
      const int k = std::countr_zero(marks);
      write_ac(table, block[kZigzag[size_t(k)]], k - last - 1);
      last = k;
    }
    if (last < int(kBlock) - 1) table.write(bits_, 0);
  }
  void first_dc(size_t member, const int16_t* block) { write_dc(member, block[0] >> scan_.low); }
  void refine_dc(const int16_t* block) { bits_.write(uint32_t(block[0] >> scan_.low) & 1, 1); }
  void first_ac(const int16_t* block) {
    const HuffmanTable& table = table_of(scan_.members[0].ac);
    int run = 0;
    for (int k = scan_.first; k <= scan_.last; ++k) {
      const int value = shifted(block, k);
      if (value == 0) {
        ++run;
        continue;
      }
      write_end_run();
      write_ac(table, value, run);
      run = 0;
    }
    if (run && ++end_run_ == kMaxEndRun) write_end_run();
  }
  void refine_ac(const int16_t* block) {
    const HuffmanTable& table = table_of(scan_.members[0].ac);
    int last_new = -1;  // the last coefficient that becomes one
    for (int k = scan_.first; k <= scan_.last; ++k)
      if (std::abs(shifted(block, k)) == 1) last_new = k;
    Corrections since;  // since the last symbol of this block
    int run = 0;
    const auto write_symbol = [&](int symbol) {
      write_end_run();
      table.write(bits_, symbol);
    };
    for (int k = scan_.first; k <= scan_.last; ++k) {
      const int value = shifted(block, k);
      if (value == 0) {
        ++run;
        continue;
      }
      for (; run > 15 && k <= last_new; run -= 16) {
        write_symbol(0xF0);
        since.write(bits_);
      }
      if (std::abs(value) > 1) {
        since.add(value & 1);
        continue;
      }
      write_symbol(run << 4 | 1);
      bits_.write(value > 0, 1);
      since.write(bits_);
      run = 0;
    }
    if (run == 0 && since.count == 0) return;
    corrections_.add(since);
    if (++end_run_ == kMaxEndRun || corrections_.count > kMaxCorrections) write_end_run();
  }
  void end() { write_end_run(); }

 private:
  // With more correction bits than these libjpeg ends a run, and with it all others.
  static constexpr size_t kMaxCorrections = 1000 - kBlock + 1;
  struct Corrections {
    void add(int bit) { bits[count++] = uint8_t(bit); }
    void add(const Corrections& more) {
      std::copy_n(more.bits.begin(), more.count, bits.begin() + ptrdiff_t(count));
      count += more.count;
    }
    void write(BitWriter& out) {
      for (size_t i = 0; i < count; ++i) out.write(bits[i], 1);
      count = 0;
    }
    size_t count = 0;
    std::array<uint8_t, kMaxCorrections + kBlock> bits;
  };

  int shifted(const int16_t* block, int k) const {
    const int value = block[kZigzag[size_t(k)]];
    return value < 0 ? -(-value >> scan_.low) : value >> scan_.low;
  }
  void write_dc(size_t member, int value) {
    const int difference = value - last_dc_[member], size = size_of(difference);
    last_dc_[member] = value;
    table_of(scan_.members[member].dc).write(bits_, size);
    write_signed(bits_, difference, size);
  }
  // A value that is not 0, behind a run of zeros.
  void write_ac(const HuffmanTable& table, int value, int run) {
    for (; run > 15; run -= 16) table.write(bits_, 0xF0);
    const int size = size_of(value);
    table.write(bits_, run << 4 | size);
    write_signed(bits_, value, size);
  }
  void write_end_run() {
    if (!end_run_) return;
    const int size = std::bit_width(unsigned(end_run_)) - 1;
    table_of(scan_.members[0].ac).write(bits_, size << 4);
    if (size) bits_.write(uint32_t(end_run_ - (1 << size)), size);
    end_run_ = 0;
    corrections_.write(bits_);
  }

  BitWriter& bits_;
  const Scan& scan_;
  std::array<int, 4> last_dc_{};
  int end_run_ = 0;
  Corrections corrections_;  // of the blocks in the run of ends
};

}  // namespace

void write_scan(BitWriter& bits, const Frame& frame, const Scan& scan, const Picture& picture) {
  Writer writer(bits, scan);
  const auto restart = [&](int number) { writer.restart(number); };
  const auto each = [&](auto block) { for_each_block(frame, scan, picture, block, restart); };
  if (!frame.progressive)
    each([&](size_t member, const int16_t* block) { writer.sequential(member, block); });
  else if (scan.first == 0 && scan.high == 0)
    each([&](size_t member, const int16_t* block) { writer.first_dc(member, block); });
  else if (scan.first == 0)
    each([&](size_t, const int16_t* block) { writer.refine_dc(block); });
  else if (scan.high == 0)
    each([&](size_t, const int16_t* block) { writer.first_ac(block); });
  else
    each([&](size_t, const int16_t* block) { writer.refine_ac(block); });
  writer.end();
  bits.pad();
}

}  // namespace nzip::jpeg
