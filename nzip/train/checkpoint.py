"""Checkpoints, from which a run continues, and weights, from which a new one starts.

Both hold tensors and plain values only: reading one runs no code of its.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from nzip.train.network import ByteNetwork
from nzip.train.recipe import Recipe


@dataclass
class Checkpoint:
    """A run between two batches."""

    recipe: Recipe
    data: dict[str, Any]  # of each class: weight, bytes, licences
    network: dict[str, Tensor]
    optimizers: list[dict[str, Any]]
    batches: int
    seen: int  # bytes
    seconds: float

    def save(self, path: Path) -> None:
        with _replacing(path) as scratch:
            torch.save({**vars(self), "recipe": asdict(self.recipe)}, scratch)

    @classmethod
    def load(cls, path: Path) -> Checkpoint:
        """Raises ValueError when the file is not a checkpoint."""
        try:
            values = torch.load(path, map_location="cpu", weights_only=True)
            return cls(**{**values, "recipe": Recipe(**values["recipe"])})
        except (RuntimeError, EOFError, pickle.UnpicklingError, TypeError, KeyError):
            raise ValueError(f"{path} is not a checkpoint") from None

    def build(self) -> ByteNetwork:
        """The network as it was."""
        network = ByteNetwork(self.recipe.channels, self.recipe.layers)
        network.load_state_dict(self.network)
        return network


def save_weights(path: Path, network: ByteNetwork) -> None:
    """All parameters as 16-bit floats, a sixth or less of a checkpoint's bytes."""
    with _replacing(path) as scratch:
        tensors = {name: tensor.half().contiguous() for name, tensor in network.state_dict().items()}
        safetensors.torch.save_file(tensors, scratch)


def load_weights(path: Path, network: ByteNetwork) -> None:
    """Raises ValueError when the weights are those of a network of another shape."""
    try:
        network.load_state_dict(safetensors.torch.load_file(path))
    except (RuntimeError, safetensors.SafetensorError) as error:
        raise ValueError(f"{path}: {error}") from None


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A file beside the path that takes its place when it is complete."""
    scratch = path.with_name(path.name + ".part")
    try:
        yield scratch
        os.replace(scratch, path)
    finally:
        scratch.unlink(missing_ok=True)
