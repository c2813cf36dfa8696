#include "experts/network/network.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "experts/network/norm.hpp"

namespace nzip {

namespace {

constexpr uint64_t kOutputs = 256;
constexpr uint64_t kLine = 64, kMaxTensors = 128;

// Bytes of a matrix and its multipliers, in the file and packed.
uint64_t matrix_bytes(uint64_t rows, uint64_t columns) { return rows * columns / 2 + 2 * rows; }

// Moves tensors from the file's order and layout to memory, each to the beginning of a cache line.
class Packer {
 public:
  Packer(const uint8_t* tensors, uint8_t* memory) : in_(tensors), out_(memory) {}

  InputTable table(const TableShape& shape) {
    const uint64_t bytes = uint64_t(shape.rows) * shape.row_bytes();
    uint8_t* to = place(bytes);
    std::copy_n(in_, bytes, to);
    in_ += bytes;
    return {to, uint32_t(shape.row_bytes()), shape.width, shape.first, shape.named};
  }

  const int16_t* numbers(uint64_t count) {
    auto* to = reinterpret_cast<int16_t*>(place(2 * count));
    for (uint64_t i = 0; i < count; ++i, in_ += 2) to[i] = int16_t(in_[0] | in_[1] << 8);
    return to;
  }

  Matrix matrix(int rows, int columns) {
    Matrix matrix;
    matrix.weights = weights(rows, columns);
    matrix.multiplier = numbers(uint64_t(rows));
    matrix.rows = rows;
    if (std::any_of(matrix.multiplier, matrix.multiplier + rows, [](int m) { return m < 0 || m > kMaxMultiplier; }))
      throw std::invalid_argument("a multiplier of the network is not within 0 to " + std::to_string(kMaxMultiplier));
    return matrix;
  }

  int shift() {
    const int shift = *in_++;
    if (shift < 1 || shift > kMaxScaleShift)
      throw std::invalid_argument("a shift of the network is not within 1 to " + std::to_string(kMaxScaleShift));
    return shift;
  }

 private:
  const uint8_t* weights(int rows, int columns) {
    uint8_t* const begin = place(uint64_t(rows) * columns / 2);
    uint8_t* to = begin;
    for (int block = 0; block < rows; block += kRowBlock)
      for (int group = 0; group < columns; group += kInputGroup)
        for (int row = block; row < block + kRowBlock; ++row) {
          const uint8_t* from = in_ + (int64_t(row) * columns + group) / 2;  // inputs 0 1, 2 3, 4 5, 6 7 of the group
          for (int j = 0; j < 4; ++j) {
            const int shift = 4 * (j & 1), low = from[j / 2] >> shift & 15, high = from[2 + j / 2] >> shift & 15;
            *to++ = uint8_t(low | high << 4);
          }
        }
    in_ += uint64_t(rows) * columns / 2;
    return begin;
  }

  uint8_t* place(uint64_t bytes) {
    uint8_t* to = out_;
    out_ += (bytes + kLine - 1) / kLine * kLine;
    return to;
  }

  const uint8_t* in_;
  uint8_t* out_;
};

// The size of what was checked, so that it can stand in the list of members.
uint64_t checked(std::span<const uint8_t> tensors, Architecture architecture, int channels, int layers) {
  if (channels < kChannelStep || channels > kMaxChannels || channels % kChannelStep)
    throw std::invalid_argument("a network's channels must be a multiple of 32 from 32 to 512");
  if (layers < 1 || layers > kMaxNetworkLayers) throw std::invalid_argument("a network's layers must be 1 to 8");
  const uint64_t size = Network::tensor_bytes(architecture, channels, layers);
  if (tensors.size() != size)
    throw std::invalid_argument("the network's tensors have " + std::to_string(tensors.size()) + " bytes instead of " +
                                std::to_string(size));
  return size;
}

}  // namespace

uint64_t Network::tensor_bytes(Architecture architecture, int channels, int layers) {
  const uint64_t d = uint64_t(channels), l = uint64_t(layers), gates = 3 * d;
  uint64_t bytes = (l - 1) * matrix_bytes(gates, d) + 2 * l * gates + l * matrix_bytes(d, d) +
                   matrix_bytes(kOutputs, d) + 2 * kOutputs + 2 * l;
  for (const TableShape& shape : table_shapes(architecture, channels))
    bytes += uint64_t(shape.rows) * shape.row_bytes();
  return bytes;
}

Network::Network(std::span<const uint8_t> tensors, Architecture kind, int d, int l)
    : architecture(kind), channels(d), layers(l), memory_(checked(tensors, kind, d, l) + kMaxTensors * kLine) {
  Packer packer(tensors.data(), memory_.as<uint8_t>());
  const int gates = 3 * d;
  norm_scale = square_root(uint64_t(d) << 40);
  for (const TableShape& shape : table_shapes(kind, d))
    (shape.gates ? gate_tables : residual_tables).push_back(packer.table(shape));
  for (int i = 0; i < layers; ++i) {
    layer[i].gates = i ? packer.matrix(gates, d) : Matrix{};
    layer[i].gate_bias = packer.numbers(gates);
    layer[i].cell = packer.matrix(d, d);
  }
  output = packer.matrix(kOutputs, d);
  output_bias = packer.numbers(kOutputs);
  for (int i = 0; i < layers; ++i) {
    if (i) layer[i].gates.shift = packer.shift();
    layer[i].cell.shift = packer.shift();
  }
  output.shift = packer.shift();
}

}  // namespace nzip
