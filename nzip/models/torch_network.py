"""The byte network in torch, on any of its devices: docs/model.md for many lanes and steps at once.

Every tensor operation here is exact, so a device's weights are the native evaluator's, bit for bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

import torch
from torch import Tensor

from nzip.models import nzm
from nzip.models.inputs import input_tables

BYTES = 256
ABSENT = -1  # in a position's first row: nothing is predicted there, and its lane's state stays as it is

_RESIDUAL_BOUND, _ACTIVATION_BOUND = 2**19 - 1, 127
# On CUDA torch._int_mm takes no fewer rows than 17, and some GPUs want multiples of 4. Other dimensions are
# multiples of 32.
_MIN_INT8_ROWS, _INT8_ROWS_STEP = 32, 8


class _Matrix(NamedTuple):
    """Weights as a product takes them, [inputs, outputs], and each output's multiplier."""

    weights: Tensor
    multiplier: Tensor
    shift: int


class TorchNetwork:
    """The weights of a network on a device. They never change; lanes' states are the caller's."""

    def __init__(self, model: nzm.Model, device: torch.device) -> None:
        tensors, channels, layers = model.tensors, model.channels, model.layers
        self.channels, self.layers, self.device = channels, layers, device
        self._norm_scale = math.isqrt(channels << 40)
        self._recurrence = _recurrence_on(device)
        shifts = dict(zip(_scaled_matrices(layers), tensors["shifts"].tolist(), strict=True))
        operand = torch.int8 if _has_int8_products(device) else torch.float32

        def place(name: str, dtype: torch.dtype = torch.int32) -> Tensor:
            return torch.tensor(tensors[name], dtype=dtype, device=device)

        def matrix(name: str) -> _Matrix:
            weights = place(name, operand).t()  # column-major, as torch._int_mm has it fastest
            return _Matrix(weights, place("m" + name[1:]), shifts[name])

        shapes = input_tables(model.architecture, channels)
        self._tables = [(shape, place(f"table.{shape.name}", torch.int8)) for shape in shapes]
        self._bias = [place(f"b.{layer}") for layer in range(layers)]
        self._gates = [None, *(matrix(f"w1.{layer}") for layer in range(1, layers))]
        self._cell = [matrix(f"w2.{layer}") for layer in range(layers)]
        self._output, self._output_bias = matrix("wo"), place("bo")

    @property
    def input_tables(self) -> int:
        """How many rows each position has."""
        return len(self._tables)

    def fresh_state(self, lanes: int) -> Tensor:
        """The state of lanes at their start, int32 [layers, lanes, channels]."""
        return torch.zeros(self.layers, lanes, self.channels, dtype=torch.int32, device=self.device)

    @torch.inference_mode()
    def weights(self, rows: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """The weights of the next byte's 256 values at every position, and the state behind the last one.

        rows int32 [steps, lanes, input_tables], as ``nzip._native.input_rows`` gives them, or with ABSENT
        first -> int32 [steps, lanes, 256], of which those of absent positions mean nothing.
        """
        steps, lanes = rows.shape[:2]
        absent = (rows[:, :, 0] == ABSENT).flatten()[:, None]
        gates, residual = self._sums(rows.flatten(0, 1).masked_fill(absent, 0))
        a = 32 * gates + self._bias[0]
        h = 128 * residual
        after = torch.empty_like(state)
        for layer, matrix in enumerate(self._gates):
            if matrix is not None:
                a = _scaled(matrix, self._norm(h)) + self._bias[layer]
            z, g, o = a.chunk(3, 1)
            share = _sigmoid(g).masked_fill_(absent, 0)  # a share of 0 leaves the state as it is
            cells = self._recurrence(
                _tanh(z).unflatten(0, (steps, lanes)), share.unflatten(0, (steps, lanes)), state[layer]
            )
            after[layer] = cells[-1]
            y = (_sigmoid(o) * (cells.flatten(0, 1) >> 8) + (1 << 21)) >> 22
            h += _scaled(self._cell[layer], y.clamp_(-_ACTIVATION_BOUND, _ACTIVATION_BOUND))
            h.clamp_(-_RESIDUAL_BOUND, _RESIDUAL_BOUND)
        logits = _scaled(self._output, self._norm(h)) + self._output_bias
        return _weigh(logits).unflatten(0, (steps, lanes)), after

    def _sums(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Of the tables' rows: for the gates of the first layer, and for the residual stream."""
        d = self.channels
        gates, residual = (
            torch.zeros(len(rows), width, dtype=torch.int32, device=self.device) for width in (3 * d, d)
        )
        for (shape, values), row in zip(self._tables, rows.unbind(1), strict=True):
            total = gates if shape.gate else residual
            total[:, shape.offset : shape.offset + shape.width] += values[row]
        return gates, residual

    def _norm(self, h: Tensor) -> Tensor:
        squares = h.long().square_().sum(1, keepdim=True) + 168 * self.channels
        multiplier, shift = _norm_factor(squares, self._norm_scale)
        x = (h * multiplier + (1 << (shift - 1))) >> shift
        return x.clamp_(-_ACTIVATION_BOUND, _ACTIVATION_BOUND)


def _has_int8_products(device: torch.device) -> bool:
    """Whether torch._int_mm is exact: on a processor without VNNI its sums of two products may saturate."""
    return device.type == "cuda" or bool(torch.cpu._is_vnni_supported())


def _scaled_matrices(layers: int) -> list[str]:
    """The matrices in the order of their shifts."""
    names = [f"{kind}.{layer}" for layer in range(layers) for kind in ("w1", "w2")]
    return [*names[1:], "wo"]  # the first layer has tables in place of w1


def _scaled(matrix: _Matrix, x: Tensor) -> Tensor:
    return (_product(x, matrix.weights) * matrix.multiplier + (1 << (matrix.shift - 1))) >> matrix.shift


def _product(x: Tensor, weights: Tensor) -> Tensor:
    """The int32 product of activations with a matrix.

    In float32 it is exact in any order of summation, with fused operations or without: each partial sum is an
    integer of at most 8 * 127 * 512 < 2^24.
    """
    if weights.dtype is torch.float32:
        return (x.float() @ weights).int()
    missing = max(_MIN_INT8_ROWS - len(x), -len(x) % _INT8_ROWS_STEP)
    return torch._int_mm(torch.nn.functional.pad(x.to(torch.int8), (0, 0, 0, missing)), weights)[: len(x)]


def _recurrence_on(device: torch.device) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    if device.type == "cuda":
        with suppress(ImportError):  # torch brings Triton along where that runs
            from nzip.models.triton_recurrence import recurrence

            return recurrence
    return _recurrence


def _recurrence(z: Tensor, share: Tensor, state: Tensor) -> Tensor:
    """The cells after each step, [steps, lanes, channels]. Its rounding is not associative: step by step."""
    cells = torch.empty_like(z)
    change = torch.empty_like(state)
    for step, cell in enumerate(cells):
        torch.bitwise_right_shift(state, 8, out=change)
        torch.sub(z[step], change, out=change).mul_(share[step]).add_(64).bitwise_right_shift_(7)
        state = torch.add(state, change, out=cell)
    return cells


def _tanh(a: Tensor) -> Tensor:
    u = 2048 - a.abs().clamp_(max=2048)
    v = 16384 - (u * u >> 8)
    return torch.where(a < 0, -v, v)


def _sigmoid(a: Tensor) -> Tensor:
    u = 4096 - a.abs().clamp_(max=4096)
    v = u * u >> 10
    return torch.where(a < 0, v, 32768 - v)


def _norm_factor(squares: Tensor, scale: int) -> tuple[Tensor, Tensor]:
    """The multiplier k and the shift t of each sum of squares s, int64 from 1 to below 2^48, as int32.

    r is the root of s 4^e, which may need 64 bits without a sign. In double precision it is off by less than
    one, and is then compared at a quarter: r = 2p + b has r^2 <= s 4^e just when p (p + b) + b <= s 4^(e-1).
    """
    e = (64 - torch.frexp(squares.double()).exponent.long()) >> 1
    root = (squares.double().sqrt() * (1 << e)).floor().long()
    quarter = squares << 2 * (e - 1)

    def is_above(r: Tensor) -> Tensor:
        p, b = r >> 1, r & 1
        return p * (p + b) + b > quarter

    root = root - is_above(root).long() + (~is_above(root + 1)).long()
    q = torch.div(scale << 32, root, rounding_mode="floor")  # scale to 2 scale
    n = (q >= 1 << scale.bit_length()).long() + scale.bit_length() - 11
    return (q >> n).int(), (48 - e - n).int()


def _weigh(logits: Tensor) -> Tensor:
    t = logits.amax(1, keepdim=True) - logits
    f = t & 1023
    v = (1 << 22) - f * (2751 - ((703 * f) >> 10))
    return (v >> (t >> 10).clamp_(max=31)).clamp_(min=1)
