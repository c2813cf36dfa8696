"""Products with a matrix of weights: by AMX's tiles (products.cpp) where there are any, else by torch."""

from __future__ import annotations

import ctypes
import functools
from pathlib import Path

import torch
from torch import Tensor

from nzip.train.compiler import load


@functools.cache
def _tiles() -> ctypes.CDLL | None:
    library = load(Path(__file__).with_name("products.cpp"))
    library.has_tiles.restype = ctypes.c_int64
    return library if library.has_tiles() else None


def _call(name: str, *values: int | Tensor) -> None:
    getattr(_tiles(), name)(
        *(ctypes.c_void_p(v.data_ptr()) if isinstance(v, Tensor) else ctypes.c_int64(v) for v in values)
    )


class Matrix:
    """A matrix [outputs, inputs] in bfloat16, whose values change from batch to batch."""

    def __init__(self, outputs: int, inputs: int, rows: int) -> None:
        """``rows`` of activations at a time."""
        self._outputs, self._inputs = outputs, inputs
        self.total = torch.zeros(inputs, outputs)  # the gradient, transposed
        if _tiles():
            self._forward, self._backward = (
                torch.empty(outputs * inputs, dtype=torch.bfloat16) for _ in "12"
            )
            self._scratch = torch.empty(rows * (outputs + inputs), dtype=torch.bfloat16)

    def set(self, values: Tensor) -> None:
        """Before a batch."""
        self.total.zero_()
        if _tiles():
            _call("pack_transposed", self._outputs, self._inputs, values, self._forward)
            _call("pack", self._outputs, self._inputs, values, self._backward)
        else:
            self._values = values

    def forward(self, x: Tensor, out: Tensor) -> None:
        """x [n, inputs] -> [n, outputs]."""
        if _tiles():
            _call("product", len(x), self._inputs, self._outputs, x, self._forward, out)
        else:
            torch.mm(x, self._values.T, out=out)

    def backward(self, x: Tensor, g: Tensor, out: Tensor | None) -> None:
        """Adds to the matrix's gradient; that of x, from that of the result, goes to ``out``."""
        if _tiles():
            _call("gradient", len(x), self._inputs, self._outputs, x, g, self.total, self._scratch)
            if out is not None:
                _call("product", len(x), self._outputs, self._inputs, g, self._backward, out)
        else:
            self.total += x.T @ g
            if out is not None:
                torch.mm(g, self._values, out=out)
