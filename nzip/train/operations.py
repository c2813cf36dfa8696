"""The steps of the network that are not matrix products, as all implementations offer them.

reference.py has them in torch, for every device; fused.py in C++, for the CPU, and gpu.py in Triton, for a
GPU, several times as fast.
N = L * T rows, d channels; a float is float32 where nothing else is said.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor


class Operations(Protocol):
    def gather(self, rows: Tensor, table: Tensor, dtype: torch.dtype) -> Tensor:
        """Sums of k rows of a table of quantized values: rows int32 [N, k], table [R, w] -> [N, w]."""

    def cell(self, a: Tensor, bias: Tensor, start: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """The gated linear recurrence over T steps of L lanes, whose output is quantized.

        With (z, g, o) = a + bias: c = c + sigmoid(g) (tanh(z) - c), y = sigmoid(o) c; c = 0 before a step
        that is a start. a bf16 [N, 3d], bias [3d], start uint8 [L, T], state [L, d] -> y bf16 [N, d] and the
        last c [L, d], through which no gradient passes.
        """

    def add_norm(self, h: Tensor, u: Tensor | None) -> tuple[Tensor, Tensor]:
        """h [N, d], u bf16 [N, d] -> their sum, and the sum over its root mean square, quantized, as bf16."""

    def cross_entropy(self, logits: Tensor, bias: Tensor, target: Tensor) -> Tensor:
        """The mean in nats: logits bf16 [N, 256], bias [256], target uint8 [N] -> []."""
