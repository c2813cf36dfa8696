"""Checkpoints, from which a run continues: a network, its optimizer and the run's course so far."""

from __future__ import annotations

import os
import pickle
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from nzip.train.glr2.network import Network
from nzip.train.glr2.optimizer import Optimizer


@dataclass(frozen=True)
class Recipe:
    """The numbers that a run depends on, apart from its data and its length."""

    channels: int = 288
    layers: int = 5
    lanes: int = 128  # L, of a batch
    steps: int = 256  # T, of a batch; the gradient does not reach beyond
    part: int = 1  # lanes that are passed at a time, so that their arrays stay in the second cache
    matrix_rate: float = 0.04  # Muon's learning rate
    other_rate: float = 4e-3  # Adam's
    table_rate: float = 0.02  # of a table's row, at its first steps
    least_rate: float = 4e-3  # of rows with many visits
    warmup: int = 100  # batches
    seed: int = 1


class Run:
    """A network in training, between two batches."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.network = Network(recipe.channels, recipe.layers, recipe.seed)
        self.optimizer = Optimizer(self.network)
        self.batches, self.seen, self.seconds = 0, 0, 0.0  # seen: bytes

    def save(self, path: Path) -> None:
        """Write a file beside the path, which takes its place when it is complete."""
        tables, scratch = self.network.tables, path.with_name(path.name + ".part")
        torch.save(
            {
                "recipe": asdict(self.recipe),
                "network": self.network.parameters(),
                "values": tables.values,
                "square": tables.square.bfloat16(),
                "visits": tables.visits.view(torch.int16),
                "usual": tables.usual,
                "mean": self.optimizer.mean,
                "squares": self.optimizer.square,
                "steps": self.optimizer.steps,
                "batches": self.batches,
                "seen": self.seen,
                "seconds": self.seconds,
            },
            scratch,
        )
        os.replace(scratch, path)

    @classmethod
    def load(cls, path: Path) -> Run:
        """Raises ValueError when the file is not a checkpoint."""
        try:
            saved = torch.load(path, map_location="cpu", weights_only=True)
            run = cls(Recipe(**saved["recipe"]))
            tables = run.network.tables
            for name, value in run.network.parameters().items():
                value.copy_(saved["network"][name])
            tables.values.copy_(saved["values"])
            tables.square.copy_(saved["square"])
            tables.visits.view(torch.int16).copy_(saved["visits"])
            tables.usual.copy_(saved["usual"])
            for kept, name in (run.optimizer.mean, "mean"), (run.optimizer.square, "squares"):
                for key, value in kept.items():
                    value.copy_(saved[name][key])
            run.optimizer.steps = saved["steps"]
            run.batches, run.seen, run.seconds = saved["batches"], saved["seen"], saved["seconds"]
        except (RuntimeError, EOFError, pickle.UnpicklingError, TypeError, KeyError):
            raise ValueError(f"{path} is not a checkpoint") from None
        tables.round()
        return run
