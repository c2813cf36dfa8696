#include "detect/detect.hpp"

#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <cstring>
#include <stdexcept>
#include <tuple>
#include <vector>

#include "bindings/common.hpp"
#include "detect/arrays.hpp"
#include "detect/deflate_streams.hpp"
#include "detect/repeats.hpp"
#include "detect/similarity.hpp"
#include "detect/utf16.hpp"

namespace nzip::python {
namespace {

using RepeatTuple = std::tuple<uint64_t, uint64_t, uint64_t>;

std::vector<RepeatTuple> find_repeats(nb::handle plain, const PyStop* stop) {
  Bytes in(plain);
  const std::vector<Repeat> repeats = run_unlocked([&] { return nzip::find_repeats(in.span(), PyStop::of(stop)); });
  std::vector<RepeatTuple> list;
  for (const auto& [gap, size, period] : repeats) list.emplace_back(gap, size, period);
  return list;
}

std::vector<SegmentTuple> tuples(const std::vector<Segment>& segments) {
  std::vector<SegmentTuple> list;
  for (const Segment& s : segments) list.emplace_back(s.kind, s.param, s.length);
  return list;
}

nb::bytes sketch_of(nb::handle head) {
  const Sketch sketch = nzip::sketch_of(Bytes(head).span());
  return nb::bytes(sketch.data(), sizeof(sketch));
}

// Of sketches as sketch_of gives them.
std::vector<uint32_t> chain(const std::vector<nb::bytes>& list) {
  std::vector<Sketch> sketches(list.size());
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i].size() != sizeof(Sketch)) throw std::invalid_argument("not a sketch");
    std::memcpy(&sketches[i], list[i].data(), sizeof(Sketch));
  }
  return nzip::chain(sketches);
}

}  // namespace

void bind_detect(nb::module_& m) {
  m.def(
      "detect",
      [](nb::handle plain, const PyStop* stop) {
        Bytes in(plain);
        return tuples(run_unlocked([&] { return nzip::detect(in.span(), PyStop::of(stop)); }));
      },
      nb::arg("plain"), nb::arg("stop") = nb::none());
  m.def(
      "find_arrays",
      [](nb::handle plain, const PyStop* stop) {
        Bytes in(plain);
        return tuples(run_unlocked([&] { return nzip::find_arrays(in.span(), PyStop::of(stop)); }));
      },
      nb::arg("plain"), nb::arg("stop") = nb::none());
  m.def(
      "find_utf16",
      [](nb::handle plain, const PyStop* stop) {
        Bytes in(plain);
        const std::vector<TextPiece> pieces =
            run_unlocked([&] { return nzip::find_utf16(in.span(), PyStop::of(stop)); });
        std::vector<std::tuple<uint32_t, uint64_t>> list;
        for (const TextPiece& piece : pieces) list.emplace_back(piece.width, piece.size);
        return list;
      },
      nb::arg("plain"), nb::arg("stop") = nb::none());
  m.def(
      "find_deflate_streams",
      [](nb::handle plain, const PyStop* stop) {
        Bytes in(plain);
        return run_unlocked([&] { return nzip::find_deflate_streams(in.span(), PyStop::of(stop)); });
      },
      nb::arg("plain"), nb::arg("stop") = nb::none());
  m.def("sketch_of", &sketch_of, nb::arg("head"));
  m.def("chain", &chain, nb::arg("sketches"));
  m.def("find_repeats", &find_repeats, nb::arg("plain"), nb::arg("stop") = nb::none());
  m.def("find_period", [](nb::handle plain) { return nzip::find_period(Bytes(plain).span()); }, nb::arg("plain"));
  m.def(
      "count_repeated",
      [](nb::handle unit, nb::handle more) { return nzip::count_repeated(Bytes(unit).span(), Bytes(more).span()); },
      nb::arg("unit"), nb::arg("more"));
}

}  // namespace nzip::python
