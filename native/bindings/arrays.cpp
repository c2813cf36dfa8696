#include <nanobind/stl/optional.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <deque>
#include <optional>
#include <stdexcept>
#include <vector>

#include "arrays/array.hpp"
#include "arrays/types.hpp"
#include "base/limits.hpp"
#include "base/segments.hpp"
#include "bindings/common.hpp"

namespace nzip::python {
namespace {

using Buffers = std::vector<nb::handle>;

// The arrays of a block: its segments, and what an earlier file has in the place of each, if anything.
class Arrays {
 public:
  Arrays(const std::vector<SegmentTuple>& segments, const Buffers& earlier, uint64_t size) {
    if (!earlier.empty() && earlier.size() != segments.size())
      throw std::invalid_argument("earlier bytes are not of as many segments");
    for (const nb::handle each : earlier) buffers_.emplace_back(each);
    for (size_t i = 0; i < segments.size(); ++i) {
      const auto& [kind, param, length] = segments[i];
      if (kind != kArray || !arrays::find_type(param)) throw std::invalid_argument("a segment of no known type");
      if (length > size) throw std::invalid_argument("segments do not sum to the block");
      size -= length;
      list_.push_back({param, size_t(length), buffers_.empty() ? std::span<const uint8_t>() : buffers_[i].span()});
      if (const size_t bytes = list_.back().earlier.size(); bytes != 0 && bytes != length)
        throw std::invalid_argument("earlier bytes are not as many as a segment's");
    }
    if (size != 0) throw std::invalid_argument("segments do not sum to the block");
  }

  std::span<const arrays::Array> list() const { return list_; }

 private:
  std::deque<Bytes> buffers_;
  std::vector<arrays::Array> list_;
};

nb::bytes encode(nb::handle plain, const std::vector<SegmentTuple>& segments, const PyStop* stop,
                 const Buffers& earlier) {
  Bytes in(plain);
  const Arrays list(segments, earlier, in.span().size());
  const auto coded = run_unlocked([&] { return nzip::arrays::encode(in.span(), list.list(), PyStop::of(stop)); });
  return nb::bytes(coded.data(), coded.size());
}

nb::object decode(nb::handle coded, uint64_t plain_size, const std::vector<SegmentTuple>& segments, const PyStop* stop,
                  const Buffers& earlier) {
  if (plain_size > kMaxBlock) throw std::invalid_argument("a block is larger than 2^30 bytes");
  Bytes in(coded);
  const Arrays list(segments, earlier, plain_size);
  nb::object plain = new_bytes(plain_size);
  const std::span<uint8_t> out(data_of(plain), static_cast<size_t>(plain_size));
  run_unlocked([&] {
    nzip::arrays::decode(in.span(), list.list(), out, PyStop::of(stop));
    return 0;
  });
  return plain;
}

std::optional<size_t> element_size(uint32_t type) {
  const auto known = arrays::find_type(type);
  return known ? std::optional(known->size) : std::nullopt;
}

size_t estimate(nb::handle plain, uint32_t type, nb::handle earlier) {
  if (!arrays::find_type(type)) throw std::invalid_argument("not a type of elements");
  const Bytes numbers(plain), before(earlier);
  if (before.span().size() != 0 && before.span().size() != numbers.span().size())
    throw std::invalid_argument("earlier bytes are not as many");
  return arrays::estimate(numbers.span(), before.span(), type);
}

}  // namespace

void bind_arrays(nb::module_& m) {
  m.attr("ARRAYS_MEMORY") = arrays::kDecodingMemory;
  m.def("element_size", &element_size, nb::arg("type"));
  m.def("encode_arrays", &encode, nb::arg("plain"), nb::arg("segments"), nb::arg("stop") = nb::none(),
        nb::arg("earlier") = nb::list());
  m.def("decode_arrays", &decode, nb::arg("coded"), nb::arg("plain_size"), nb::arg("segments"),
        nb::arg("stop") = nb::none(), nb::arg("earlier") = nb::list());
  m.def("estimate_array", &estimate, nb::arg("plain"), nb::arg("type"), nb::arg("earlier") = nb::bytes("", 0));
}

}  // namespace nzip::python
