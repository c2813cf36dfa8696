#include <nanobind/stl/optional.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <stdexcept>
#include <vector>

#include "arrays/array.hpp"
#include "arrays/types.hpp"
#include "base/limits.hpp"
#include "bindings/common.hpp"

namespace nzip::python {
namespace {

std::vector<Segment> segments_of(const std::vector<SegmentTuple>& list, uint64_t size) {
  std::vector<Segment> segments;
  for (const auto& [kind, param, length] : list) {
    if (kind != kArray || !arrays::find_type(param)) throw std::invalid_argument("a segment of no known type");
    if (length > size) throw std::invalid_argument("segments do not sum to the block");
    size -= length;
    segments.push_back({kind, param, length});
  }
  if (size != 0) throw std::invalid_argument("segments do not sum to the block");
  return segments;
}

nb::bytes encode(nb::handle plain, const std::vector<SegmentTuple>& list, const PyStop* stop) {
  Bytes in(plain);
  const auto segments = segments_of(list, in.span().size());
  const auto coded = run_unlocked([&] { return arrays::encode(in.span(), segments, PyStop::of(stop)); });
  return nb::bytes(coded.data(), coded.size());
}

nb::object decode(nb::handle coded, uint64_t plain_size, const std::vector<SegmentTuple>& list, const PyStop* stop) {
  if (plain_size > kMaxBlock) throw std::invalid_argument("a block is larger than 2^30 bytes");
  Bytes in(coded);
  const auto segments = segments_of(list, plain_size);
  nb::object plain = new_bytes(plain_size);
  const std::span<uint8_t> out(data_of(plain), static_cast<size_t>(plain_size));
  run_unlocked([&] {
    arrays::decode(in.span(), segments, out, PyStop::of(stop));
    return 0;
  });
  return plain;
}

std::optional<size_t> element_size(uint32_t type) {
  const arrays::Type* known = arrays::find_type(type);
  return known ? std::optional(known->size) : std::nullopt;
}

size_t estimate(nb::handle plain, uint32_t type) {
  if (!arrays::find_type(type)) throw std::invalid_argument("not a type of elements");
  return arrays::estimate(Bytes(plain).span(), type);
}

}  // namespace

void bind_arrays(nb::module_& m) {
  m.attr("ARRAYS_MEMORY") = arrays::kDecodingMemory;
  m.def("element_size", &element_size, nb::arg("type"));
  m.def("encode_arrays", &encode, nb::arg("plain"), nb::arg("segments"), nb::arg("stop") = nb::none());
  m.def("decode_arrays", &decode, nb::arg("coded"), nb::arg("plain_size"), nb::arg("segments"),
        nb::arg("stop") = nb::none());
  m.def("estimate_array", &estimate, nb::arg("plain"), nb::arg("type"));
}

}  // namespace nzip::python
