#include "arrays/array.hpp"

#include <algorithm>

#include "arrays/numbers.hpp"
#include "arrays/plane.hpp"
#include "arrays/types.hpp"

namespace nzip::arrays {
namespace {

constexpr size_t kPiece = size_t(1) << 21;  // bytes whose tables are their own

// call(T()), T being an unsigned number of so many bytes.
template <class Call>
auto of_width(size_t width, Call call) {
  switch (width) {
    case 1:
      return call(uint8_t());
    case 2:
      return call(uint16_t());
    case 4:
      return call(uint32_t());
    default:
      return call(uint64_t());
  }
}

// Elements of one type, whose tables are their own.
template <class Byte>
struct Piece {
  std::span<Byte> bytes;
  const Type* type;
  bool big_endian;

  size_t elements() const { return bytes.size() / type->size; }
  // call(field, where its numbers are)
  template <class Call>
  void each_field(Call call) const {
    size_t at = 0;
    for (const Field& field : type->fields) {
      call(field, Place<Byte>{bytes.data() + at, field.count, type->size});
      at += field.width * field.count;
    }
  }
};

// call(piece) for what whole elements of a segment there are; returns the rest of its bytes.
template <class Byte, class Call>
std::span<Byte> each_piece(std::span<Byte> bytes, uint32_t parameter, Call call) {
  const Type* type = find_type(parameter);
  const size_t most = kPiece / type->size * type->size;
  while (bytes.size() >= type->size) {
    const size_t size = std::min(most, bytes.size() / type->size * type->size);
    call(Piece<Byte>{bytes.first(size), type, (parameter & kBigEndian) != 0});
    bytes = bytes.subspan(size);
  }
  return bytes;
}

// The planes of a field one by one, each with the one above it.
template <class Byte, class Call>
void each_plane(std::span<Byte> planes, size_t width, Call call) {
  const size_t size = planes.size() / width;
  std::span<const uint8_t> above;
  for (size_t k = 0; k < width; ++k) {
    const auto plane = planes.subspan(k * size, size);
    call(plane, above);
    above = plane;
  }
}

template <class T>
size_t estimate_planes(std::vector<T> numbers, Numbers kind, size_t distance) {
  forward(std::span(numbers), kind, distance);
  const std::vector<uint8_t> planes = planes_of<T>(numbers);
  size_t size = 0;
  each_plane(std::span(planes), sizeof(T), [&](auto plane, auto above) { size += estimate_plane(plane, above); });
  return size;
}

// From which number before them numbers should differ by little: 0 where they do not.
template <class T>
size_t choose_distance(std::span<const T> numbers, Numbers kind) {
  constexpr size_t kSample = 1 << 13, kLeast = 256;
  constexpr size_t kDistances[] = {1, 2, 3, 4};
  if (sizeof(T) == 1 || numbers.size() < kLeast) return 0;
  const size_t size = std::min(kSample, numbers.size());
  const auto from = numbers.begin() + ptrdiff_t((numbers.size() - size) / 2);
  const std::vector<T> sample(from, from + ptrdiff_t(size));
  const size_t plain = estimate_planes(sample, kind, 0);
  size_t best = 0, least = plain - plain / 32;
  for (const size_t distance : kDistances)
    if (const size_t cost = estimate_planes(sample, kind, distance); cost < least) best = distance, least = cost;
  return best;
}

template <class T>
void write_field(std::vector<T> numbers, Numbers kind, std::vector<uint8_t>& out) {
  const size_t distance = choose_distance<T>(numbers, kind);
  put_varint(out, distance);
  forward(std::span(numbers), kind, distance);
  const std::vector<uint8_t> planes = planes_of<T>(numbers);
  each_plane(std::span(planes), sizeof(T), [&](auto plane, auto above) { write_plane(plane, above, out); });
}

template <class T>
std::vector<T> read_field(Reader& in, size_t count, Numbers kind) {
  const uint64_t distance = in.varint();
  if (distance > count) throw Damaged("numbers differ from what is too far away");
  std::vector<uint8_t> planes(count * sizeof(T));
  each_plane(std::span(planes), sizeof(T), [&](auto plane, auto above) { read_plane(in, above, plane); });
  std::vector<T> numbers = numbers_of<T>(planes);
  backward(std::span(numbers), kind, size_t(distance));
  return numbers;
}

void write_piece(const Piece<const uint8_t>& piece, std::vector<uint8_t>& out) {
  piece.each_field([&](const Field& field, Place<const uint8_t> place) {
    of_width(field.width, [&](auto zero) {
      using T = decltype(zero);
      write_field(load_numbers<T>(place, piece.elements(), piece.big_endian), field.numbers, out);
    });
  });
}

void read_piece(Reader& in, const Piece<uint8_t>& piece) {
  piece.each_field([&](const Field& field, Place<uint8_t> place) {
    of_width(field.width, [&](auto zero) {
      using T = decltype(zero);
      const std::vector<T> numbers = read_field<T>(in, piece.elements() * field.count, field.numbers);
      store_numbers<T>(numbers, place, piece.big_endian);
    });
  });
}

}  // namespace

std::vector<uint8_t> encode(std::span<const uint8_t> plain, std::span<const Segment> segments, const Stop& stop) {
  std::vector<uint8_t> out;
  out.reserve(plain.size());
  for (const Segment& segment : segments) {
    const auto rest = each_piece(plain.first(segment.length), segment.param, [&](const Piece<const uint8_t>& piece) {
      stop.check();
      write_piece(piece, out);
    });
    out.insert(out.end(), rest.begin(), rest.end());
    plain = plain.subspan(segment.length);
  }
  return out;
}

void decode(std::span<const uint8_t> coded, std::span<const Segment> segments, std::span<uint8_t> plain,
            const Stop& stop) {
  Reader in(coded);
  for (const Segment& segment : segments) {
    const auto rest = each_piece(plain.first(segment.length), segment.param, [&](const Piece<uint8_t>& piece) {
      stop.check();
      read_piece(in, piece);
    });
    const auto raw = in.take(rest.size());
    std::copy(raw.begin(), raw.end(), rest.begin());
    plain = plain.subspan(segment.length);
  }
  if (in.left() != 0) throw Damaged("something is left over");
}

size_t estimate(std::span<const uint8_t> plain, uint32_t type) {
  size_t size = 0;
  const auto rest = each_piece(plain, type, [&](const Piece<const uint8_t>& piece) {
    piece.each_field([&](const Field& field, Place<const uint8_t> place) {
      size += of_width(field.width, [&](auto zero) {
        using T = decltype(zero);
        const std::vector<T> numbers = load_numbers<T>(place, piece.elements(), piece.big_endian);
        return estimate_planes(numbers, field.numbers, choose_distance<T>(numbers, field.numbers));
      });
    });
  });
  return size + rest.size();
}

}  // namespace nzip::arrays
