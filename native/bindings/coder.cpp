#include <memory>
#include <stdexcept>

#include "bindings/common.hpp"
#include "coder/range_coder.hpp"

namespace nzip::python {
namespace {

// The coder by itself, for token models and for tests against the readable reference (nzip/coder/reference.py).
class PyEncoder {
 public:
  explicit PyEncoder(size_t capacity)
      : out_(new uint8_t[capacity]), capacity_(capacity), coder_(out_.get(), capacity) {}
  void encode_bit(int bit, uint32_t p1) {
    if (p1 == 0) throw std::invalid_argument("a probability of 0 cannot be coded");
    coder_.encode_bit(bit, p1);
  }
  void encode_symbol(uint32_t cumulative, uint32_t frequency, int total_log2) {
    check_interval(cumulative, frequency, total_log2);
    coder_.encode_symbol(cumulative, frequency, total_log2);
  }
  nb::bytes finish() {
    const size_t n = coder_.finish();
    if (n > capacity_) throw std::length_error("the coded bytes do not fit the capacity");
    return nb::bytes(reinterpret_cast<const char*>(out_.get()), n);
  }
  static void check_interval(uint32_t cumulative, uint32_t frequency, int total_log2) {
    if (total_log2 < 1 || total_log2 > 32 || frequency == 0 ||
        uint64_t(cumulative) + frequency > uint64_t(1) << total_log2)
      throw std::invalid_argument("not an interval of the total");
  }

 private:
  std::unique_ptr<uint8_t[]> out_;
  size_t capacity_;
  RangeEncoder coder_;
};

class PyDecoder {
 public:
  explicit PyDecoder(nb::bytes coded)
      : coded_(std::move(coded)), coder_(reinterpret_cast<const uint8_t*>(coded_.c_str()), coded_.size()) {}
  int decode_bit(uint32_t p1) {
    if (p1 == 0) throw std::invalid_argument("a probability of 0 cannot be coded");
    return coder_.decode_bit(p1);
  }
  uint32_t peek(int total_log2) const {
    PyEncoder::check_interval(0, 1, total_log2);
    return coder_.peek(total_log2);
  }
  void consume(uint32_t cumulative, uint32_t frequency, int total_log2) {
    PyEncoder::check_interval(cumulative, frequency, total_log2);
    coder_.consume(cumulative, frequency, total_log2);
  }
  bool exhausted() const { return coder_.exhausted(); }

 private:
  nb::bytes coded_;
  RangeDecoder coder_;
};

}  // namespace

void bind_coder(nb::module_& m) {
  nb::class_<PyEncoder>(m, "RangeEncoder")
      .def(nb::init<size_t>(), nb::arg("capacity"))
      .def("encode_bit", &PyEncoder::encode_bit, nb::arg("bit"), nb::arg("p1"))
      .def("encode_symbol", &PyEncoder::encode_symbol, nb::arg("cumulative"), nb::arg("frequency"),
           nb::arg("total_log2"))
      .def("finish", &PyEncoder::finish);
  nb::class_<PyDecoder>(m, "RangeDecoder")
      .def(nb::init<nb::bytes>(), nb::arg("coded"))
      .def("decode_bit", &PyDecoder::decode_bit, nb::arg("p1"))
      .def("peek", &PyDecoder::peek, nb::arg("total_log2"))
      .def("consume", &PyDecoder::consume, nb::arg("cumulative"), nb::arg("frequency"), nb::arg("total_log2"))
      .def_prop_ro("exhausted", &PyDecoder::exhausted);
}

}  // namespace nzip::python
