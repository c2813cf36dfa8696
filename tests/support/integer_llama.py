"""Llama models in integers: a second implementation of docs/format/llama.md, which is written to be read.

It evaluates token by token, with Python's integers where 64 bits are not surely enough.
"""

from __future__ import annotations

import math
from fractions import Fraction

import gguf
import numpy as np

UNIT = 44
LOG2_E = Fraction(14426950408889634073599246810018921374266, 10**40)
PI = Fraction(31415926535897932384626433832795028841971, 10**40)


class Matrix:
    """Levels, scales and least values of each block, and an exponent for each row."""

    def __init__(self, tensor) -> None:
        blocks = [_blocks(tensor, row) for row in range(int(tensor.shape[1]))]
        self.wide = tensor.tensor_type.name not in ("Q4_0", "Q4_1")
        finer = 16 if self.wide else 1
        self.levels = np.array([[level for level, _, _ in row] for row in blocks], np.int64)
        self.exponents, scales, leasts = [], [], []
        for row in blocks:
            top = max(max(abs(scale * finer), abs(least)) for _, scale, least in row)
            shift = max(0, top.bit_length() - 15)
            self.exponents.append(shift - UNIT)
            half = (1 << shift) >> 1
            scales.append([min((scale * finer + half) >> shift, 32767) for _, scale, _ in row])
            leasts.append([min((least + half) >> shift, 32767) for _, _, least in row])
        self.scales, self.leasts = np.array(scales, np.int64), np.array(leasts, np.int64)

    def row(self, row: int) -> list[int]:
        """In 2^-16."""
        finer = 16 if self.wide else 1
        shift = self.exponents[row] - (4 if self.wide else 0) + 16
        return [
            shifted(int(self.scales[row, b]) * int(level) + int(self.leasts[row, b]) * finer, shift)
            for b in range(self.scales.shape[1])
            for level in self.levels[row, b]
        ]

    def __matmul__(self, x: Activations) -> list[int]:
        """In 2^-16."""
        dots = np.einsum("rbi,bi->rb", self.levels, x.values)
        if self.wide:
            dots = (dots + 8) >> 4
        products = self.scales * dots + self.leasts * x.values.sum(1)
        sums = (products >> x.shifts).sum(1)
        return [shifted(int(s), e + x.unit + 16) for s, e in zip(sums, self.exponents, strict=True)]


class Activations:
    def __init__(self, numbers: list[int], exponents: list[int]) -> None:
        """Numbers, and the exponent of each block."""
        made = [quantized(numbers[i * 32 : i * 32 + 32]) for i in range(len(exponents))]
        self.values = np.array([values for values, _ in made], np.int64)
        units = [e + shift if any(v) else None for (v, shift), e in zip(made, exponents, strict=True)]
        top = max((unit for unit in units if unit is not None), default=0)
        finest = (len(units) - 1).bit_length()
        self.unit = top + finest
        self.shifts = np.array([31 if u is None else min(finest + top - u, 31) for u in units], np.int64)


class IntegerLlama:
    def __init__(self, path, context: int, keeps: int) -> None:
        reader = gguf.GGUFReader(path)
        fields = {name: field.contents() for name, field in reader.fields.items()}
        tensors = {tensor.name.removesuffix(".weight"): tensor for tensor in reader.tensors}
        matrices = [name for name, tensor in tensors.items() if len(tensor.shape) == 2]
        self.matrices = {name: Matrix(tensors[name]) for name in matrices}
        self.norms = {name: _norm(t) for name, t in tensors.items() if name not in matrices}
        self.layers = fields["llama.block_count"]
        self.width = fields["llama.embedding_length"]
        self.heads = fields["llama.attention.head_count"]
        self.kv_heads = fields["llama.attention.head_count_kv"]
        self.size = self.width // self.heads
        epsilon = Fraction(float(fields["llama.attention.layer_norm_rms_epsilon"]))
        self.epsilon = math.floor(epsilon * self.width * 2**32)
        base = Fraction(float(fields["llama.rope.freq_base"]))
        self.turns = [_frequency(base, i, self.size) for i in range(self.size // 2)]
        self.query_scale = math.floor(LOG2_E * 2**88 / math.isqrt(self.size << 128))
        self.context, self.keeps = context, keeps
        self.cache: list[list[list[tuple]]] = [[] for _ in range(self.layers)]  # by layer, position, head

    def step(self, token: int) -> list[int]:
        """The logits behind the next token, in 2^-16."""
        position = len(self.cache[0])
        residual = self.matrices["token_embd"].row(token)
        for i in range(self.layers):
            x = self._normalized(residual, f"blk.{i}.attn_norm")
            queries, keys, values = (
                _parts(self.matrices[f"blk.{i}.attn_{name}"] @ x, self.size) for name in "qkv"
            )
            # Keys are turned when they are needed: the first one's position changes.
            self.cache[i].append([(key, quantized(value)) for key, value in zip(keys, values, strict=True)])
            taken, exponents = [], []
            for h, query in enumerate(queries):
                numbers, exponent = self._take(query, i, h // (self.heads // self.kv_heads), position)
                taken += numbers
                exponents += [exponent] * (self.size // 32)
            self._add(residual, f"blk.{i}.attn_output", Activations(taken, exponents))
            x = self._normalized(residual, f"blk.{i}.ffn_norm")
            gates, ups = (self.matrices[f"blk.{i}.ffn_{name}"] @ x for name in ("gate", "up"))
            hidden = [silu(gate) * up for gate, up in zip(gates, ups, strict=True)]
            self._add(residual, f"blk.{i}.ffn_down", Activations(hidden, [-32] * (len(hidden) // 32)))
        output = self.matrices.get("output", self.matrices["token_embd"])
        return output @ self._normalized(residual, "output_norm")

    def _add(self, residual: list[int], name: str, x: Activations) -> None:
        for j, product in enumerate(self.matrices[name] @ x):
            residual[j] = max(-(2**31 - 1), min(2**31 - 1, residual[j] + product))

    def _normalized(self, numbers: list[int], name: str) -> Activations:
        factors, exponent = self.norms[name]
        cut = max(0, max(map(abs, numbers)).bit_length() - 24)
        cut_off = [n >> cut for n in numbers]
        squares = max(1, sum(n * n for n in cut_off) + (self.epsilon >> (2 * cut)))
        e = (64 - squares.bit_length()) // 2
        quotient = (math.isqrt(self.width << 48) << 32) // math.isqrt(squares << (2 * e))
        n = quotient.bit_length() - 24
        scaled = [(v * f >> 16) * (quotient >> n) for v, f in zip(cut_off, factors, strict=True)]
        return Activations(scaled, [exponent + n + e - 40] * (self.width // 32))

    def _take(self, query: list[int], layer: int, head: int, position: int) -> tuple[list[int], int]:
        oldest = 1
        if position >= self.context:
            step = self.context - self.keeps
            oldest = 1 + step * ((position - self.context) // step + 1)
        seen = sorted({0, *range(oldest, position + 1)})
        turned = [n * self.query_scale for n in self._turned(query, position)]
        q, q_exponent = quantized(turned)
        scores = []
        for at in seen:
            stands = oldest - 1 if at == 0 and position else at
            key, k_exponent = quantized(self._turned(self.cache[layer][at][head][0], stands))
            shift = q_exponent - 40 + k_exponent - 16 + 12
            dot = sum(a * b for a, b in zip(q, key, strict=True))
            scores.append((dot << min(max(shift, 0), 8)) >> min(max(-shift, 0), 31))
        powers = [power(min(max(scores) - score, 31 << 12)) for score in scores]
        values = [self.cache[layer][at][head][1] for at in seen]
        top = max(exponent for _, exponent in values)
        shares = [p >> (top - exponent) for p, (_, exponent) in zip(powers, values, strict=True)]
        mass = sum(powers)
        n = mass.bit_length()
        factor = (1 << (n + 23)) // mass
        sums = [
            sum(share * value[c] for share, (value, _) in zip(shares, values, strict=True)) * factor
            for c in range(self.size)
        ]
        return sums, top - 16 - n - 23

    def _turned(self, numbers: list[int], position: int) -> list[int]:
        made = []
        for (a, b), turn in zip(_parts(numbers, 2), self.turns, strict=True):
            cosine, sine = cosine_and_sine(turn * position % 2**64)
            made += [(a * cosine - b * sine + 2**29) >> 30, (a * sine + b * cosine + 2**29) >> 30]
        return made


def quantized(numbers: list[int]) -> tuple[list[int], int]:
    exponent = max(0, max(map(abs, numbers)).bit_length() - 7)
    return [min((n + ((1 << exponent) >> 1)) >> exponent, 127) for n in numbers], exponent


def shifted(v: int, shift: int) -> int:
    left, right = min(max(shift, 0), 31), min(max(-shift, 0), 31)
    bound = (2**31 - 1) >> left
    v = min(max(v, -bound), bound) << left
    return (v + ((1 << right) >> 1)) >> right


def power(x: int) -> int:
    f = x & 4095
    v = 65536 - (f * (45325 - (f * (15149 - (f * 2593 >> 12)) >> 12)) >> 12)
    return min(v >> (x >> 12), 65535)


def silu(v: int) -> int:
    x = abs(v) * 94548 >> 16
    i = x >> 10
    s = SIGMOIDS[i] + ((SIGMOIDS[i + 1] - SIGMOIDS[i]) * (x & 1023) >> 10) if i < 1024 else 65536
    return (v * (65536 - s if v < 0 else s) + 2**15) >> 16


def cosine_and_sine(part: int) -> tuple[int, int]:
    one = 1 << 30
    rest = part >> 30 & 0xFFFFFFFF
    swap = rest > 1 << 31
    if swap:
        rest = (1 << 32) - rest
    x = rest * 1686629713 >> 32
    square = x * x >> 30
    s = c = one
    for divisor in 110, 72, 42, 20, 6:
        s = one - (square * s >> 30) // divisor
    for divisor in 132, 90, 56, 30, 12, 2:
        c = one - (square * c >> 30) // divisor
    s = x * s >> 30
    if swap:
        s, c = c, s
    return [(c, s), (-s, c), (-c, -s), (s, -c)][part >> 62]


def _sigmoids() -> list[int]:
    table, p = [], 1 << 32
    for _ in range(1025):
        table.append((1 << 48) // ((1 << 32) + p))
        p = p * 4248701965 >> 32
    return table


SIGMOIDS = _sigmoids()


def _parts(numbers: list[int], size: int) -> list[list[int]]:
    return [numbers[i : i + size] for i in range(0, len(numbers), size)]


def _frequency(base: Fraction, i: int, size: int) -> int:
    """Of a turn for each position, in 2^-64: found by bisection."""
    target = math.floor(base ** (2 * i) * 2 ** (128 * size))
    low, high = 0, 1 << (128 + 64 + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**size <= target else (low, middle)
    return math.floor(Fraction(1 << 192, low) / (2 * PI)) % 2**64


def _norm(tensor) -> tuple[list[int], int]:
    values = [_in_units(Fraction(float(v))) for v in tensor.data]
    shift = max(0, max(map(abs, values)).bit_length() - 23)
    return [(v + ((1 << shift) >> 1)) >> shift for v in values], shift - UNIT


def _in_units(v: Fraction) -> int:
    return math.floor(v * 2**UNIT + Fraction(1, 2))


def _half(raw: bytes) -> int:
    return int(Fraction(float(np.frombuffer(raw, "<f2")[0])) * 2**UNIT)


def _blocks(tensor, row: int) -> list[tuple[list[int], int, int]]:
    """Levels, scale and least value in 2^-44 of each 32 weights."""
    kind = tensor.tensor_type.name
    data = tensor.data[row].tobytes()
    if kind == "Q8_0":
        parts = [data[i : i + 34] for i in range(0, len(data), 34)]
        return [(np.frombuffer(p[2:], np.int8).tolist(), _half(p[:2]), 0) for p in parts]
    if kind in ("Q4_0", "Q4_1"):
        head = 2 if kind == "Q4_0" else 4
        parts = [data[i : i + head + 16] for i in range(0, len(data), head + 16)]
        made = []
        for p in parts:
            levels = [(p[head + i % 16] >> (i // 16 * 4) & 15) - 8 for i in range(32)]
            scale = _half(p[:2])
            made.append((levels, scale, _half(p[2:4]) + 8 * scale if kind == "Q4_1" else 0))
        return made
    if kind == "BF16":
        floats = (np.frombuffer(data, "<u2").astype("<u4") << 16).view("<f4")
    else:
        floats = np.frombuffer(data, {"F32": "<f4", "F16": "<f2"}[kind])
    values = [_in_units(Fraction(float(v))) for v in floats]
    return [_levels(part) for part in _parts(values, 32)]


def _levels(values: list[int]) -> tuple[list[int], int, int]:
    top = max(map(abs, values))
    if top == 0:
        return [0] * 32, 0, 0
    shift = max(0, top.bit_length() - 54)
    most = top >> shift
    levels = [(254 * (abs(v) >> shift) + most) // (2 * most) for v in values]
    return [-level if v < 0 else level for level, v in zip(levels, values, strict=True)], top // 127, 0
