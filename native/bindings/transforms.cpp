#include <nanobind/stl/optional.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <cstring>
#include <optional>
#include <stdexcept>
#include <tuple>
#include <vector>

#include "base/limits.hpp"
#include "bindings/common.hpp"
#include "transforms/bzip2/bzip2.hpp"
#include "transforms/deflate/stream.hpp"
#include "transforms/gif.hpp"
#include "transforms/jpeg/jpeg.hpp"
#include "transforms/png_rows.hpp"
#include "transforms/repeats.hpp"

namespace nzip::python {
namespace {

using RepeatTuple = std::tuple<uint64_t, uint64_t, uint64_t>;

nb::object restore_repeats(nb::handle rest, const std::vector<RepeatTuple>& list, uint64_t plain_size,
                           const PyStop* stop) {
  if (plain_size > kMaxBlock) throw std::invalid_argument("a block is larger than 2^30 bytes");
  Bytes in(rest);
  std::vector<Repeat> repeats;
  for (const auto& [gap, size, period] : list) repeats.push_back({gap, size, period});
  nb::object plain = new_bytes(plain_size);
  uint8_t* data = data_of(plain);
  const std::span<uint8_t> out(data, static_cast<size_t>(plain_size));
  const bool fits = run_unlocked([&] { return nzip::restore_repeats(in.span(), repeats, out, PyStop::of(stop)); });
  if (!fits) throw std::invalid_argument("its repeats do not fit its size");
  return plain;
}

nb::object bytes_of(std::span<const uint8_t> data) {
  nb::object bytes = new_bytes(data.size());
  if (!data.empty()) std::memcpy(data_of(bytes), data.data(), data.size());
  return bytes;
}

using OpenedTuple = std::tuple<uint64_t, nb::object, nb::object>;  // packed bytes, and what they became

std::optional<OpenedTuple> open_deflate(nb::handle packed, uint64_t start, uint64_t most, const PyStop* stop) {
  Bytes in(packed);
  if (start > in.span().size()) throw std::invalid_argument("a stream begins behind the data");
  const auto opened =
      run_unlocked([&] { return deflate::open(in.span().subspan(size_t(start)), size_t(most), PyStop::of(stop)); });
  if (!opened) return std::nullopt;
  return OpenedTuple(opened->packed, bytes_of(opened->content), bytes_of(opened->residue));
}

nb::object close_deflate(nb::handle content, nb::handle residue, const PyStop* stop) {
  Bytes plain(content), corrections(residue);
  const auto packed = run_unlocked([&] { return deflate::close(plain.span(), corrections.span(), PyStop::of(stop)); });
  if (!packed) throw std::invalid_argument("its deflate streams cannot be restored");
  return bytes_of(*packed);
}

std::optional<std::tuple<nb::object, nb::object>> unfilter_png(nb::handle rows, uint64_t row, uint64_t pixel,
                                                               const PyStop* stop) {
  Bytes in(rows);
  const auto found =
      run_unlocked([&] { return nzip::unfilter_png(in.span(), size_t(row), size_t(pixel), PyStop::of(stop)); });
  if (!found) return std::nullopt;
  return std::tuple(bytes_of(found->filters), bytes_of(found->pixels));
}

nb::object filter_png(nb::handle filters, nb::handle pixels, uint64_t pixel, const PyStop* stop) {
  Bytes numbers(filters), in(pixels);
  const auto rows =
      run_unlocked([&] { return nzip::filter_png(numbers.span(), in.span(), size_t(pixel), PyStop::of(stop)); });
  if (!rows) throw std::invalid_argument("its PNG pictures cannot be restored");
  return bytes_of(*rows);
}

std::vector<size_t> find_jpeg_files(nb::handle data, const PyStop* stop) {
  Bytes in(data);
  return run_unlocked([&] { return jpeg::find(in.span(), PyStop::of(stop)); });
}

std::optional<OpenedTuple> open_jpeg(nb::handle data, uint64_t start, const PyStop* stop) {
  Bytes in(data);
  if (start > in.span().size()) throw std::invalid_argument("a file begins behind the data");
  const auto opened = run_unlocked([&] { return jpeg::open(in.span().subspan(size_t(start)), PyStop::of(stop)); });
  if (!opened) return std::nullopt;
  return OpenedTuple(opened->size, bytes_of(opened->header), bytes_of(opened->coded));
}

nb::object close_jpeg(nb::handle header, nb::handle coded, const PyStop* stop) {
  Bytes headers(header), coefficients(coded);
  return bytes_of(run_unlocked([&] { return jpeg::close(headers.span(), coefficients.span(), PyStop::of(stop)); }));
}

std::optional<OpenedTuple> open_bzip2(nb::handle data, uint64_t start, uint64_t most, const PyStop* stop) {
  Bytes in(data);
  if (start > in.span().size()) throw std::invalid_argument("a stream begins behind the data");
  const auto opened =
      run_unlocked([&] { return bzip2::open(in.span().subspan(size_t(start)), size_t(most), PyStop::of(stop)); });
  if (!opened) return std::nullopt;
  return OpenedTuple(opened->size, bytes_of(opened->content), bytes_of(opened->residue));
}

nb::object close_bzip2(nb::handle content, nb::handle residue, const PyStop* stop) {
  Bytes in(content), habits(residue);
  return bytes_of(run_unlocked([&] { return bzip2::close(in.span(), habits.span(), PyStop::of(stop)); }));
}

std::optional<OpenedTuple> open_gif(nb::handle data, uint64_t start, uint64_t most, const PyStop* stop) {
  Bytes in(data);
  if (start > in.span().size()) throw std::invalid_argument("a picture begins behind the data");
  const auto opened =
      run_unlocked([&] { return gif::open(in.span().subspan(size_t(start)), size_t(most), PyStop::of(stop)); });
  if (!opened) return std::nullopt;
  return OpenedTuple(opened->size, bytes_of(opened->pixels), bytes_of(opened->residue));
}

nb::object close_gif(nb::handle pixels, nb::handle residue, const PyStop* stop) {
  Bytes in(pixels), habits(residue);
  return bytes_of(run_unlocked([&] { return gif::close(in.span(), habits.span(), PyStop::of(stop)); }));
}

}  // namespace

void bind_transforms(nb::module_& m) {
  m.def("restore_repeats", &restore_repeats, nb::arg("rest"), nb::arg("repeats"), nb::arg("plain_size"),
        nb::arg("stop") = nb::none());
  m.def("open_deflate", &open_deflate, nb::arg("packed"), nb::arg("start"), nb::arg("most"),
        nb::arg("stop") = nb::none());
  m.def("unfilter_png", &unfilter_png, nb::arg("rows"), nb::arg("row"), nb::arg("pixel"), nb::arg("stop") = nb::none());
  m.def("filter_png", &filter_png, nb::arg("filters"), nb::arg("pixels"), nb::arg("pixel"),
        nb::arg("stop") = nb::none());
  m.def("close_deflate", &close_deflate, nb::arg("content"), nb::arg("residue"), nb::arg("stop") = nb::none());
  m.def("open_bzip2", &open_bzip2, nb::arg("data"), nb::arg("start"), nb::arg("most"), nb::arg("stop") = nb::none());
  m.def("close_bzip2", &close_bzip2, nb::arg("content"), nb::arg("residue"), nb::arg("stop") = nb::none());
  m.def("open_gif", &open_gif, nb::arg("data"), nb::arg("start"), nb::arg("most"), nb::arg("stop") = nb::none());
  m.def("close_gif", &close_gif, nb::arg("pixels"), nb::arg("residue"), nb::arg("stop") = nb::none());
  m.def("find_jpeg_files", &find_jpeg_files, nb::arg("data"), nb::arg("stop") = nb::none());
  m.def("open_jpeg", &open_jpeg, nb::arg("data"), nb::arg("start"), nb::arg("stop") = nb::none());
  m.def("close_jpeg", &close_jpeg, nb::arg("header"), nb::arg("coded"), nb::arg("stop") = nb::none());
}

}  // namespace nzip::python
