// Entropy-coded data of a scan, and the coefficients in them.
#pragma once

#include "transforms/jpeg/bits.hpp"
#include "transforms/jpeg/structure.hpp"

namespace nzip::jpeg {

// Puts what the scan says into the picture. Throws std::invalid_argument where the data are none of such a scan.
void read_scan(BitReader& bits, const Frame& frame, const Scan& scan, Picture& picture);

// Writes what read_scan() read, if the encoder was one that makes no choices. Throws std::invalid_argument where
// coefficients have no code, or the writer's limit is reached.
void write_scan(BitWriter& bits, const Frame& frame, const Scan& scan, const Picture& picture);

// Calls `block(index of the member, block)` for each block of a scan in order, and `restart(number of the marker)`
// where a restart marker belongs.
template <class AnyPicture, class Block, class Restart>
void for_each_block(const Frame& frame, const Scan& scan, AnyPicture& picture, Block block, Restart restart) {
  uint32_t done = 0;
  int number = 0;
  const auto begin_unit = [&] {
    if (scan.restart && done == scan.restart) {
      restart(number);
      number = (number + 1) % 8;
      done = 0;
    }
    ++done;
  };
  if (scan.members.size() == 1) {
    const size_t index = scan.members[0].component;
    const Component& component = frame.components[index];
    for (uint32_t y = 0; y < component.high; ++y)
      for (uint32_t x = 0; x < component.wide; ++x) {
        begin_unit();
        block(size_t(0), picture[index].block(x, y));
      }
    return;
  }
  for (uint32_t unit_y = 0; unit_y < frame.units_high; ++unit_y)
    for (uint32_t unit_x = 0; unit_x < frame.units_wide; ++unit_x) {
      begin_unit();
      for (size_t member = 0; member < scan.members.size(); ++member) {
        const size_t index = scan.members[member].component;
        const uint32_t across = uint32_t(frame.components[index].across), down = uint32_t(frame.components[index].down);
        for (uint32_t y = 0; y < down; ++y)
          for (uint32_t x = 0; x < across; ++x)
            block(member, picture[index].block(unit_x * across + x, unit_y * down + y));
      }
    }
}

constexpr int kMaxEndRun = 0x7FFF;  // blocks of progressive scans whose ends one code tells

}  // namespace nzip::jpeg
