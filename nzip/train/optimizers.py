"""The optimizers: Muon for the matrices within a network, AdamW for all else.

Muon (Jordan 2024) makes every step of a matrix near orthogonal. In short runs of equal length it was worth
3 % over AdamW for all parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.optim import Optimizer

from nzip.train.muon import Muon


@dataclass(frozen=True)
class Rates:
    """Learning rates, before the factor of a step."""

    matrix: float
    other: float
    matrix_decay: float  # of weights, times the rate


class Optimizers:
    """Both optimizers, as one."""

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        matrices: Sequence[nn.Parameter],
        rates: Rates,
        precision: torch.dtype,
    ) -> None:
        """``matrices`` are among the parameters; ``precision`` is that of products."""
        within = {id(matrix) for matrix in matrices}
        others = [parameter for parameter in parameters if id(parameter) not in within]
        muon = Muon(matrices, precision, weight_decay=rates.matrix_decay)
        adamw = torch.optim.AdamW(others, betas=(0.9, 0.98), weight_decay=0.0, fused=True)
        self._rates: list[tuple[Optimizer, float]] = [(muon, rates.matrix), (adamw, rates.other)]

    def step(self, factor: float) -> None:
        """One step down the gradients, at the learning rates times this factor."""
        for optimizer, rate in self._rates:
            for group in optimizer.param_groups:
                group["lr"] = rate * factor
            optimizer.step()
            optimizer.zero_grad()

    def state(self) -> list[dict[str, object]]:
        return [optimizer.state_dict() for optimizer, _ in self._rates]

    def restore(self, state: list[dict[str, object]]) -> None:
        for (optimizer, _), part in zip(self._rates, state, strict=True):
            optimizer.load_state_dict(part)
