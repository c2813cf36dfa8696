"""What the exact network stores in few bits, as training sees it, and how gradients pass.

Values are rounded in the forward pass. Gradients pass the rounding as if it were not there (the
straight-through estimator: Bengio, Leonard and Courville 2013), and the clipping as well, with one exception:
a normalized value outside -8..8 passes none. kernels.cpp follows the same rules.

What is rounded, and to what:

- weights of matrices: 4 bits, -8..7 steps; a row's step is 0.3352 of its root mean square, the best uniform
  step of 16 levels for normally distributed values;
- tables: -127..127 steps of 1/32;
- activations, normalized: -127..127 steps of 1/16; of a cell: -127..127 steps of 1/128.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

WEIGHT_STEP = 0.3352  # of the row's root mean square
LEAST_WEIGHT, MOST_WEIGHT = -8, 7
TABLE_STEP, NORM_STEP, CELL_STEP = 1 / 32, 1 / 16, 1 / 128
MOST_STEPS = 127
NORM_BOUND = 8.0


class _Straight(torch.autograd.Function):
    """The second argument; its gradient goes to the first, as if nothing had been rounded."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, rounded: Tensor) -> Tensor:
        ctx.dtype = values.dtype
        return rounded

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient.to(ctx.dtype), None


def row_steps(matrix: Tensor) -> Tensor:
    """The step of each row, [rows, 1]; never zero."""
    return (WEIGHT_STEP * matrix.square().mean(1, keepdim=True).sqrt()).clamp_min(1e-12)


def weight_levels(matrix: Tensor, steps: Tensor) -> Tensor:
    """The 4-bit weights of a matrix, -8..7, of its rows' steps."""
    return torch.round(matrix / steps).clamp_(LEAST_WEIGHT, MOST_WEIGHT)


def table_levels(table: Tensor) -> Tensor:
    """The 8-bit values of a table, -127..127."""
    return _levels(table, TABLE_STEP)


def weights(matrix: Tensor, dtype: torch.dtype = torch.bfloat16) -> Tensor:
    """A matrix of 4-bit weights for a product in this precision."""
    with torch.no_grad():
        steps = row_steps(matrix)
        rounded = (weight_levels(matrix, steps) * steps).to(dtype)
    return _straight(matrix, rounded)


def table_values(table: Tensor) -> Tensor:
    return _straight(table, table_levels(table) * TABLE_STEP)


def cell_values(y: Tensor) -> Tensor:
    """The output of a cell, quantized, as bfloat16, which holds it exactly."""
    return _straight(y, (_levels(y, CELL_STEP) * CELL_STEP).bfloat16())


def normalized_values(x: Tensor) -> Tensor:
    """Normalized activations as bfloat16, which holds them exactly."""
    x = x.clamp(-NORM_BOUND, NORM_BOUND)
    return _straight(x, (_levels(x, NORM_STEP) * NORM_STEP).bfloat16())


def _levels(values: Tensor, step: float) -> Tensor:
    return torch.round(values.detach() / step).clamp_(-MOST_STEPS, MOST_STEPS)


def _straight(values: Tensor, rounded: Tensor) -> Tensor:
    result: Tensor = _Straight.apply(values, rounded)
    return result
