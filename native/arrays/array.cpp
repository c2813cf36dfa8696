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
  std::span<const uint8_t> earlier;  // as many, or none
  const Type* type;

  size_t elements() const { return bytes.size() / type->size; }
  // call(field, where its numbers begin)
  template <class Call>
  void each_field(Call call) const {
    size_t at = 0;
    for (const Field& field : type->fields()) {
      call(field, at);
      at += field.width * field.count;
    }
  }
  Place<Byte> place(const Field& field, size_t at) const { return {bytes.data() + at, field.count, type->size}; }

  // What an earlier file has in the place of a field's numbers, if anything.
  template <class T>
  std::vector<T> earlier_numbers(const Field& field, size_t at) const {
    if (earlier.empty()) return {};
    return load_numbers<T>(Place<const uint8_t>{earlier.data() + at, field.count, type->size}, elements(),
                           type->big_endian);
  }
};

// call(piece) for what whole elements of an array there are; returns the rest of its bytes.
template <class Byte, class Call>
std::span<Byte> each_piece(std::span<Byte> bytes, std::span<const uint8_t> earlier, uint32_t parameter, Call call) {
  const std::optional<Type> type = find_type(parameter);
  const size_t most = kPiece / type->size * type->size;
  while (bytes.size() >= type->size) {
    const size_t size = std::min(most, bytes.size() / type->size * type->size);
    call(Piece<Byte>{bytes.first(size), earlier.first(std::min(size, earlier.size())), &*type});
    bytes = bytes.subspan(size);
    if (!earlier.empty()) earlier = earlier.subspan(size);
  }
  return bytes;
}

// What an earlier file tells of each plane of a field: how large its floats were, where differences are coded, else
// the planes of its numbers.
template <class T>
class EarlierPlanes {
 public:
  EarlierPlanes(std::vector<T> earlier, Numbers kind, size_t distance) : size_(earlier.size()) {
    if (distance > 0 && kind == Numbers::kFloat) {
      planes_ = scales_of<T>(earlier);
    } else {
      forward(std::span(earlier), kind);
      planes_ = planes_of<T>(earlier);
    }
  }

  std::span<const uint8_t> of(size_t k) const {
    return std::span(planes_).subspan(planes_.size() == size_ ? 0 : k * size_, size_);
  }

 private:
  size_t size_;
  std::vector<uint8_t> planes_;
};

// call(plane, what is beside it) for the planes of a field one by one.
template <class Byte, class T, class Call>
void each_plane(std::span<Byte> planes, const EarlierPlanes<T>& earlier, Call call) {
  const size_t size = planes.size() / sizeof(T);
  std::span<const uint8_t> above;
  for (size_t k = 0; k < sizeof(T); ++k) {
    const auto plane = planes.subspan(k * size, size);
    call(plane, Beside{above, earlier.of(k)});
    above = plane;
  }
}

template <class T>
size_t estimate_planes(std::vector<T> numbers, std::span<const T> earlier, Numbers kind, size_t distance) {
  forward(std::span(numbers), earlier, kind, distance);
  const std::vector<uint8_t> planes = planes_of<T>(numbers);
  size_t size = 0;
  each_plane(std::span(planes), EarlierPlanes<T>({earlier.begin(), earlier.end()}, kind, distance),
             [&](auto plane, const Beside& beside) { size += estimate_plane(plane, beside); });
  return size;
}

// From which number before them numbers should differ by little: 0 where they do not, all of them where they are near
// to the earlier ones.
template <class T>
size_t choose_distance(std::span<const T> numbers, std::span<const T> earlier, Numbers kind) {
  constexpr size_t kSample = 1 << 13, kLeast = 256;
  constexpr size_t kDistances[] = {1, 2, 3, 4};
  const size_t size = std::min(kSample, numbers.size()), first = (numbers.size() - size) / 2;
  if (size < kLeast) return 0;
  const auto part = numbers.subspan(first, size);
  const auto before = earlier.empty() ? earlier : earlier.subspan(first, size);
  const auto estimated = [&](size_t distance) {
    return estimate_planes<T>({part.begin(), part.end()}, before, kind, distance);
  };
  size_t best = 0, least = 0;
  const auto consider = [&](size_t in_part, size_t distance) {
    if (const size_t cost = estimated(in_part); cost < least) best = distance, least = cost;
  };
  const size_t plain = sizeof(T) > 1 || !earlier.empty() ? estimated(0) : 0;
  least = plain - plain / 32;
  if (!earlier.empty()) consider(size, numbers.size());
  if (sizeof(T) > 1)
    for (const size_t distance : kDistances) consider(distance, distance);
  return best;
}

template <class T>
void write_field(std::vector<T> numbers, const std::vector<T>& earlier, Numbers kind, std::vector<uint8_t>& out) {
  const size_t distance = choose_distance<T>(numbers, earlier, kind);
  put_varint(out, distance);
  forward<T>(std::span(numbers), earlier, kind, distance);
  const std::vector<uint8_t> planes = planes_of<T>(numbers);
  each_plane(std::span(planes), EarlierPlanes<T>(earlier, kind, distance),
             [&](auto plane, const Beside& beside) { write_plane(plane, beside, out); });
}

template <class T>
std::vector<T> read_field(Reader& in, size_t count, const std::vector<T>& earlier, Numbers kind) {
  const uint64_t distance = in.varint();
  if (distance > count) throw Damaged("numbers differ from what is too far away");
  std::vector<uint8_t> planes(count * sizeof(T));
  each_plane(std::span(planes), EarlierPlanes<T>(earlier, kind, size_t(distance)),
             [&](auto plane, const Beside& beside) { read_plane(in, beside, plane); });
  std::vector<T> numbers = numbers_of<T>(planes);
  backward<T>(std::span(numbers), earlier, kind, size_t(distance));
  return numbers;
}

void write_piece(const Piece<const uint8_t>& piece, std::vector<uint8_t>& out) {
  piece.each_field([&](const Field& field, size_t at) {
    of_width(field.width, [&](auto zero) {
      using T = decltype(zero);
      write_field(load_numbers<T>(piece.place(field, at), piece.elements(), piece.type->big_endian),
                  piece.earlier_numbers<T>(field, at), field.numbers, out);
    });
  });
}

void read_piece(Reader& in, const Piece<uint8_t>& piece) {
  piece.each_field([&](const Field& field, size_t at) {
    of_width(field.width, [&](auto zero) {
      using T = decltype(zero);
      const std::vector<T> numbers =
          read_field<T>(in, piece.elements() * field.count, piece.earlier_numbers<T>(field, at), field.numbers);
      store_numbers<T>(numbers, piece.place(field, at), piece.type->big_endian);
    });
  });
}

}  // namespace

std::vector<uint8_t> encode(std::span<const uint8_t> plain, std::span<const Array> arrays, const Stop& stop) {
  std::vector<uint8_t> out;
  out.reserve(plain.size());
  for (const Array& array : arrays) {
    const auto rest = each_piece(plain.first(array.size), array.earlier, array.type, [&](const auto& piece) {
      stop.check();
      write_piece(piece, out);
    });
    out.insert(out.end(), rest.begin(), rest.end());
    plain = plain.subspan(array.size);
  }
  return out;
}

void decode(std::span<const uint8_t> coded, std::span<const Array> arrays, std::span<uint8_t> plain, const Stop& stop) {
  Reader in(coded);
  for (const Array& array : arrays) {
    const auto rest = each_piece(plain.first(array.size), array.earlier, array.type, [&](const auto& piece) {
      stop.check();
      read_piece(in, piece);
    });
    const auto raw = in.take(rest.size());
    std::copy(raw.begin(), raw.end(), rest.begin());
    plain = plain.subspan(array.size);
  }
  if (in.left() != 0) throw Damaged("something is left over");
}

size_t estimate(std::span<const uint8_t> plain, std::span<const uint8_t> earlier, uint32_t type) {
  size_t size = 0;
  const auto rest = each_piece(plain, earlier, type, [&](const auto& piece) {
    piece.each_field([&](const Field& field, size_t at) {
      size += of_width(field.width, [&](auto zero) {
        using T = decltype(zero);
        const std::vector<T> numbers =
            load_numbers<T>(piece.place(field, at), piece.elements(), piece.type->big_endian);
        const std::vector<T> before = piece.template earlier_numbers<T>(field, at);
        return estimate_planes<T>(numbers, before, field.numbers, choose_distance<T>(numbers, before, field.numbers));
      });
    });
  });
  return size + rest.size();
}

}  // namespace nzip::arrays
