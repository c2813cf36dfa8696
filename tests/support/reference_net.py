"""The byte network as docs/model.md specifies it, in NumPy and step by step: to be read, and compared with.

All values are int64, which none of them needs, so nothing overflows unnoticed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from nzip.models.inputs import input_tables

from . import reference_inputs

Values = NDArray[np.int64]


class Features:
    """What the network sees of a lane's bytes so far, besides its own state."""

    def __init__(self) -> None:
        self.past: list[int] = []
        self.line_above: list[int] = []
        self.line: list[int] = []
        self.word = self.length = self.last_word = 0

    def push(self, byte: int) -> None:
        self.past.append(byte)
        if byte == ord("\n"):
            self.line_above, self.line = self.line, []
        else:
            self.line.append(byte)
        lower = byte + 32 if ord("A") <= byte <= ord("Z") else byte
        if ord("a") <= lower <= ord("z") or lower >= 128:
            self.word = (self.word + lower + 1) * 0x2F0B4C47 % 2**32
            self.length += 1
        elif self.length:
            self.last_word, self.word, self.length = self.word, 0, 0

    def rows(self) -> list[int]:
        """The row of each table."""
        last1, last2, last3, last4 = ([10] * 4 + self.past)[:-5:-1]
        column = len(self.line)
        indent = next((i for i, byte in enumerate(self.line) if byte not in b" \t"), column)
        return [
            *(last1, last2, last3, last4),
            last1,
            self.line_above[column] if column < len(self.line_above) else 10,
            column if column < 40 else 40 + (column - 40) // 4 if column < 136 else 63,
            16 * min(self.length, 15) + min(indent, 15),
            hashed(self.word, 12),
            hashed(self.last_word, 10),
            hashed(last1 + 256 * last2 + 65536 * last3, 11),
        ]


def hashed(value: int, bits: int) -> int:
    return (value * 0x9E3779B1 % 2**32) >> (32 - bits)


def clamp(value: Values, bound: int) -> Values:
    return np.clip(value, -bound, bound)


def tanh(a: Values) -> Values:
    u = 2048 - np.minimum(np.abs(a), 2048)
    v = 16384 - (u * u >> 8)
    return np.where(a >= 0, v, -v)


def sigmoid(a: Values) -> Values:
    u = 4096 - np.minimum(np.abs(a), 4096)
    v = u * u >> 10
    return np.where(a >= 0, 32768 - v, v)


def norm(h: Values) -> Values:
    d = len(h)
    s = int((h * h).sum()) + 168 * d
    e = max(e for e in range(32) if s * 4**e < 2**64)
    r = math.isqrt(s * 4**e)
    q = (math.isqrt((16 * 65536) ** 2 * d) << 32) // r
    n = q.bit_length() - 11
    k, t = q >> n, 48 - e - n
    return clamp(h * k + 2 ** (t - 1) >> t, 127)


def weights_of(logit: Values) -> Values:
    t = logit.max() - logit
    f = t & 1023
    v = 2**22 - f * (2751 - (703 * f >> 10))
    return np.maximum(v >> np.minimum(t >> 10, 31), 1)


class Network:
    """A lane of the network: its tensors, by name, and its state."""

    def __init__(
        self, tensors: Mapping[str, NDArray[np.generic]], architecture: str, channels: int, layers: int
    ) -> None:
        self.tensors = {name: tensor.astype(np.int64) for name, tensor in tensors.items()}
        self.channels, self.layers = channels, layers
        self.tables = input_tables(architecture, channels)
        order = [f"{matrix}.{layer}" for layer in range(layers) for matrix in ("w1", "w2")][1:]
        self.shifts = dict(zip([*order, "wo"], self.tensors["shifts"].tolist(), strict=True))
        self.cells = np.zeros((layers, channels), np.int64)

    def scaled(self, matrix: str, x: Values) -> Values:
        multiplier, s = self.tensors["m" + matrix[1:]], self.shifts[matrix]
        product = (self.tensors[matrix] @ x) * multiplier + 2 ** (s - 1)
        assert np.abs(product).max() < 2**31
        return product >> s

    def weights(self, rows: Sequence[int]) -> Values:
        """The weights of the next byte's 256 values; changes the state, so once for every byte."""
        d, tensors = self.channels, self.tensors
        gates, residual = self.sums(rows)
        a = 32 * gates + tensors["b.0"]
        h = 128 * residual
        for layer in range(self.layers):
            if layer > 0:
                a = self.scaled(f"w1.{layer}", norm(h)) + tensors[f"b.{layer}"]
            z, g, o = tanh(a[:d]), sigmoid(a[d : 2 * d]), sigmoid(a[2 * d :])
            c = self.cells[layer]
            c += (z - (c >> 8)) * g + 64 >> 7
            y = clamp(o * (c >> 8) + 2**21 >> 22, 127)
            h = clamp(h + self.scaled(f"w2.{layer}", y), 2**19 - 1)
        return weights_of(self.scaled("wo", norm(h)) + tensors["bo"])

    def sums(self, rows: Sequence[int]) -> tuple[Values, Values]:
        """Of the rows of the gates' tables and of those of the residual stream's."""
        gates, residual = np.zeros(3 * self.channels, np.int64), np.zeros(self.channels, np.int64)
        for table, row in zip(self.tables, rows, strict=True):
            total = gates if table.gate else residual
            total[table.offset : table.offset + table.width] += self.tensors[f"table.{table.name}"][row]
        return gates, residual


def network_weights(
    tensors: Mapping[str, NDArray[np.generic]], architecture: str, channels: int, layers: int, *lanes: bytes
) -> NDArray[np.uint32]:
    """The weights before every byte of a block's lanes, [positions, lanes, 256]. Lanes are equally long."""
    shape, count = (architecture, channels, layers), len(lanes)
    networks = [Network(tensors, *shape) for _ in lanes]
    if architecture == "glr1":
        inputs = [Features() for _ in lanes]
    else:
        block = reference_inputs.Block(*map(len, lanes))
        inputs = [reference_inputs.Inputs(block, lane) for lane in range(count)]
    result = np.empty((len(lanes[0]), count, 256), np.uint32)
    for weights, *column in zip(result, *lanes, strict=True):
        for lane in range(count):
            weights[lane] = networks[lane].weights(inputs[lane].rows())
        for lane in range(count):
            inputs[lane].push(column[lane])
    return result
