"""The byte network `glr2` in training: its parameters, and a step of learning from a batch."""

from __future__ import annotations

import torch
from torch import Tensor

from nzip.models.inputs import InputTable, input_tables
from nzip.train.glr2.kernels import call
from nzip.train.glr2.products import Matrix
from nzip.train.quantize import row_steps, weight_levels

BYTES = 256


def start_spread(table: InputTable) -> float:
    """Of a table's values before training. Rows that few bytes reach begin at 0."""
    if table.named:
        return 0.0
    return 0.25 if table.gate else 0.5 if table.name == "last1" else 0.0 if table.name == "agreement" else 0.1


class Tables:
    """The values of all input tables, one after another, with what is kept to train them."""

    def __init__(self, channels: int, layout: list[InputTable], generator: torch.Generator) -> None:
        self.channels, self.layout = channels, layout
        places, base = [], 0
        for t in layout:
            places.append([base, t.rows, t.width, t.offset, int(t.named), int(t.gate)])
            base += t.rows * t.width
        self.places = torch.tensor(places, dtype=torch.int64)
        self.values = torch.zeros(base)
        self.level = torch.zeros(base, dtype=torch.int8)
        for t, values in zip(layout, self.each(self.values), strict=True):
            if spread := start_spread(t):
                values.copy_(torch.randn(values.shape, generator=generator) * spread)
        self.square = torch.zeros_like(self.values)
        self.visits = torch.zeros(sum(t.rows for t in layout), dtype=torch.uint16)
        self.usual = torch.zeros(len(layout))
        self.round()

    def each(self, flat: Tensor) -> list[Tensor]:
        """The tables' parts of an array, [rows, width]."""
        parts = flat.split([t.rows * t.width for t in self.layout])
        return [part.view(t.rows, t.width) for t, part in zip(self.layout, parts, strict=True)]

    def round(self) -> None:
        """Make the levels of the values."""
        for t, values, level in zip(self.layout, self.each(self.values), self.each(self.level), strict=True):
            call("levels", values.numel(), int(t.named), values, level)

    def gather(self, rows: Tensor, h: Tensor, a: Tensor) -> None:
        """h [n, d] and a [n, 3d] become the sums of the rows [n, tables]."""
        call("gather", len(rows), self.channels, len(self.layout), self.places, rows, self.level, h, a)

    def learn(self, rows: Tensor, dh: Tensor, da: Tensor, rate: float, least: float) -> None:
        """From the gradients of those sums, in bfloat16; ``rate`` is that of a row's first step."""
        call(
            "learn", len(rows), self.channels, len(self.layout), self.places, rows, dh, da, rate, least,
            self.values, self.square, self.level, self.visits, self.usual,
        )  # fmt: skip


class Network:
    """Matrices [out, in] and biases in float32, and tables."""

    def __init__(self, channels: int, layers: int, seed: int, layout: list[InputTable] | None = None) -> None:
        d, spread = channels, channels**-0.5
        generator = torch.Generator().manual_seed(seed)

        def normal(*shape: int) -> Tensor:
            return torch.randn(*shape, generator=generator)

        self.channels, self.layers = channels, layers
        self.tables = Tables(d, input_tables("glr2", d) if layout is None else layout, generator)
        self.w1 = normal(layers - 1, 3 * d, d) * spread
        self.w2 = normal(layers, d, d) * spread * 0.5
        self.wo = normal(BYTES, d) * spread * 0.2
        self.bo = torch.zeros(BYTES)
        memory = torch.linspace(0.3, -3.1, d)  # of g: channels remember for 2 to 40 steps, in no order
        self.b = torch.zeros(layers, 3 * d)
        for layer in range(layers):
            self.b[layer, d : 2 * d] = memory[torch.randperm(d, generator=generator)]

    def parameters(self) -> dict[str, Tensor]:
        return {"w1": self.w1, "w2": self.w2, "wo": self.wo, "bo": self.bo, "b": self.b}

    def products(self) -> int:
        """Multiplications for a byte."""
        return sum(matrices.numel() for matrices in (self.w1, self.w2, self.wo))

    def fresh_state(self, lanes: int) -> Tensor:
        return torch.zeros(self.layers, lanes, self.channels)


def rounded(matrix: Tensor) -> Tensor:
    """A matrix, or a stack of them, of 4-bit weights, in bfloat16."""
    flat = matrix.flatten(0, -2)
    steps = row_steps(flat)
    return (weight_levels(flat, steps) * steps).to(torch.bfloat16).view(matrix.shape)


class Step:
    """A pass over a batch of L lanes of T steps, a few lanes at a time; arrays are kept between passes."""

    def __init__(self, network: Network, lanes: int, steps: int, part: int) -> None:
        self.network, self.lanes, self.steps, self.part = network, lanes, steps, part
        d, layers, n = network.channels, network.layers, part * steps
        self.dh = torch.empty(lanes * steps, d, dtype=torch.bfloat16)
        self.da = torch.empty(lanes * steps, 3 * d, dtype=torch.bfloat16)
        self._h, self._grad = torch.empty(n, d), torch.empty(n, d)
        self._a = torch.empty(layers, n, 3 * d, dtype=torch.bfloat16)
        self._before, self._y, self._x = (torch.empty(layers, n, d, dtype=torch.bfloat16) for _ in range(3))
        self._inverse = torch.empty(layers, n)
        self._u, self._grad_b = (
            torch.empty(n, d, dtype=torch.bfloat16),
            torch.empty(n, d, dtype=torch.bfloat16),
        )
        self._da = torch.empty(n, 3 * d, dtype=torch.bfloat16)
        self._logits = torch.empty(n, BYTES, dtype=torch.bfloat16)
        self._w1 = [Matrix(3 * d, d, n) for _ in range(layers - 1)]
        self._w2 = [Matrix(d, d, n) for _ in range(layers)]
        self._wo = Matrix(BYTES, d, n)
        self._db, self._dbo = torch.zeros_like(network.b), torch.zeros_like(network.bo)

    @torch.no_grad()
    def run(self, rows: Tensor, target: Tensor, start: Tensor, state: Tensor, *, learn: bool) -> float:
        """The mean loss in nats; moves the state on. With ``learn``, makes the gradients."""
        network = self.network
        for matrices, values in (
            (self._w1, network.w1),
            (self._w2, network.w2),
            ([self._wo], network.wo[None]),
        ):
            for matrix, value in zip(matrices, rounded(values), strict=True):
                matrix.set(value)
        self._db.zero_()
        self._dbo.zero_()
        total = 0.0
        for first in range(0, self.lanes, self.part):
            lanes = slice(first, first + self.part)
            span = slice(first * self.steps, (first + self.part) * self.steps)
            part_state = state[:, lanes].contiguous()
            total += self._forward(rows[span], target[span], start[lanes], part_state)
            state[:, lanes] = part_state
            if learn:
                self._backward(start[lanes], self.dh[span], self.da[span])
        return total / (self.lanes * self.steps)

    def gradients(self) -> dict[str, Tensor]:
        """By the names of the network's parameters."""
        return {
            "w1": torch.stack([matrix.total for matrix in self._w1]).mT if self._w1 else self.network.w1,
            "w2": torch.stack([matrix.total for matrix in self._w2]).mT,
            "wo": self._wo.total.T,
            "bo": self._dbo,
            "b": self._db,
        }

    def _forward(self, rows: Tensor, target: Tensor, start: Tensor, state: Tensor) -> float:
        network, part, steps, d = self.network, self.part, self.steps, self.network.channels
        n = part * steps
        network.tables.gather(rows, self._h, self._a[0])
        for layer in range(network.layers):
            if layer:
                self._w1[layer - 1].forward(self._x[layer - 1], self._a[layer])
            call(
                "cell_forward", part, steps, d, self._a[layer], network.b[layer], start, state[layer],
                self._before[layer], self._y[layer],
            )  # fmt: skip
            self._w2[layer].forward(self._y[layer], self._u)
            call("norm_forward", n, d, self._h, self._u, self._x[layer], self._inverse[layer])
        self._wo.forward(self._x[-1], self._logits)
        scale = 1 / (self.lanes * steps)
        total: float = call("cross_entropy", n, self._logits, network.bo, target, scale, self._dbo)
        return total

    def _backward(self, start: Tensor, dh: Tensor, da: Tensor) -> None:
        network, part, steps, d = self.network, self.part, self.steps, self.network.channels
        n = part * steps
        self._wo.backward(self._x[-1], self._logits, self._u)
        self._grad.zero_()
        for layer in reversed(range(network.layers)):
            grad_b, da_part = (self._grad_b, self._da) if layer else (dh, da)
            call("norm_backward", n, d, self._x[layer], self._inverse[layer], self._u, self._grad, grad_b)
            self._w2[layer].backward(self._y[layer], grad_b, self._u)
            call(
                "cell_backward", part, steps, d, self._a[layer], network.b[layer], start, self._before[layer],
                self._u, da_part, self._db[layer],
            )  # fmt: skip
            if layer:
                self._w1[layer - 1].backward(self._x[layer - 1], da_part, self._u)
