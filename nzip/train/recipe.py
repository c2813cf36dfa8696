"""The recipe: every number that a training run depends on, apart from its data and its length."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# Of the classes of the corpus, and of those that sources.py gathers. Others have to be given a weight.
CLASS_WEIGHTS: Mapping[str, float] = {
    "prose": 0.28,
    "docs": 0.13,
    "markup": 0.17,
    "tables": 0.09,
    "logs": 0.07,
    "multilingual": 0.08,
    "code": 0.18,
    "languages": 0.07,
}

# Architectures by name. The base network is the largest that docs/model.md has; its batches are for a GPU.
SIZES: Mapping[str, Mapping[str, int]] = {
    "default": {"channels": 320, "layers": 6},
    "base": {"channels": 512, "layers": 8, "lanes": 256},
}


@dataclass(frozen=True)
class Recipe:
    """The defaults are those of the shipped network's first run."""

    channels: int = 320
    layers: int = 6
    lanes: int = 64  # L, of a batch
    steps: int = 256  # T, of a batch; the gradient does not reach beyond
    matrix_rate: float = 0.04  # Muon's learning rate
    matrix_decay: float = 0.03  # Muon's weight decay, times the rate
    other_rate: float = 4e-3  # AdamW's learning rate
    clip: float = 1.0  # most of the gradient's norm
    warmup: int = 100  # batches
    decay: float = 0.3  # of the budget, at its end
    seed: int = 1
