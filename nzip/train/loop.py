"""The loop: batches until the budget is spent, with a log, validation and checkpoints on the way."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from nzip.models.network import Network, load_network
from nzip.train.batches import Batches
from nzip.train.checkpoint import Checkpoint
from nzip.train.corpus import Bytes
from nzip.train.evaluate import evaluate
from nzip.train.export import export
from nzip.train.log import Log
from nzip.train.network import ByteNetwork
from nzip.train.optimizers import Optimizers, Rates
from nzip.train.recipe import Recipe
from nzip.train.schedule import Budget, rate_factor
from nzip.train.segments import Segments

REPORT_EVERY = 50  # batches
VALIDATE_EVERY = 180  # seconds of training, whatever the device makes of them
VALIDATION_BYTES, FINAL_VALIDATION_BYTES = 80_000, 400_000  # of a class
BEFORE_DECAY = ".stable"  # what the name of a checkpoint from which a longer run may continue ends with


class Trainer:
    """A network in training. One that continues draws segments anew, and its lanes start afresh."""

    def __init__(
        self,
        network: ByteNetwork,
        recipe: Recipe,
        classes: Mapping[str, Bytes],
        data: dict[str, Any],
        *,
        resume: Checkpoint | None = None,
    ) -> None:
        self.network, self._recipe, self._data = network, recipe, data
        rates = Rates(matrix=recipe.matrix_rate, other=recipe.other_rate, matrix_decay=recipe.matrix_decay)
        self._optimizers = Optimizers(network.parameters(), network.matrices(), rates, network.precision)
        self.batches, self.seen, self.seconds = 0, 0, 0.0
        if resume is not None:
            network.load_state_dict(resume.network)
            self._optimizers.restore(resume.optimizers)
            self.batches, self.seen, self.seconds = resume.batches, resume.seen, resume.seconds
        random = np.random.default_rng([recipe.seed, self.batches])
        weights = {name: each["weight"] for name, each in data.items()}
        self._source = Batches(Segments(classes, weights, random), recipe.lanes, recipe.steps)
        self._batch = self._source.next()
        self._state = network.fresh_state(recipe.lanes)

    def step(self, spent: float) -> float:
        """Learn from a batch when ``spent`` of the budget is gone; the batch's bits per byte."""
        began = time.monotonic()
        recipe = self._recipe
        factor = rate_factor(self.batches, spent, warmup=recipe.warmup, decay=recipe.decay)
        batch = self._batch.to(self.network.bo.device)
        loss, self._state = self.network(*batch, self._state)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), recipe.clip)
        self._optimizers.step(factor)
        self._batch = self._source.next()  # while a GPU is at work
        bits: float = loss.item() / math.log(2)
        self.batches += 1
        self.seen += len(batch.target)
        self.seconds += time.monotonic() - began
        return bits

    def checkpoint(self) -> Checkpoint:
        return Checkpoint(
            recipe=self._recipe,
            data=self._data,
            network=self.network.state_dict(),
            optimizers=self._optimizers.state(),
            batches=self.batches,
            seen=self.seen,
            seconds=self.seconds,
        )


@dataclass(frozen=True)
class Run:
    """What happens around the steps of a trainer."""

    trainer: Trainer
    budget: Budget
    decay: float  # the part of the budget, at its end, before which the stable checkpoint is made
    valid: Mapping[str, Bytes]
    path: Path  # of the checkpoint
    log: Log

    def run(self) -> None:
        """Train until the budget is spent; when interrupted, leave a checkpoint, too."""
        try:
            self._loop()
        except KeyboardInterrupt:
            self.trainer.checkpoint().save(self.path)
            raise
        self.trainer.checkpoint().save(self.path)
        exact = load_network(export(self.trainer.network, {}))
        self._validate(FINAL_VALIDATION_BYTES, exact)

    def _loop(self) -> None:
        trainer, average = self.trainer, math.nan
        reported, validated = (trainer.seen, trainer.seconds), trainer.seconds
        while (spent := self._spent()) < 1:
            bits = trainer.step(spent)
            if not math.isfinite(bits):
                raise ValueError(f"the loss is not finite after {trainer.batches} batches")
            average = bits if math.isnan(average) else 0.98 * average + 0.02 * bits
            if trainer.batches % REPORT_EVERY == 0:
                speed = (trainer.seen - reported[0]) / (trainer.seconds - reported[1])
                self._say(loss=round(average, 4), bytes_per_second=round(speed), spent=round(spent, 4))
                reported = trainer.seen, trainer.seconds
            if spent < 1 - self.decay <= self._spent():
                trainer.checkpoint().save(self.path.with_name(self.path.name + BEFORE_DECAY))
            if trainer.seconds - validated >= VALIDATE_EVERY:
                self._validate(VALIDATION_BYTES)
                trainer.checkpoint().save(self.path)
                validated = trainer.seconds

    def _spent(self) -> float:
        return self.budget.spent(self.trainer.seconds, self.trainer.seen)

    def _validate(self, limit: int, exact: Network | None = None) -> None:
        networks = {"valid": self.trainer.network} | ({"exact": exact} if exact else {})
        found = {name: evaluate(network, self.valid, limit) for name, network in networks.items()}
        self._say(**{k: {name: round(bits, 4) for name, bits in v.items()} for k, v in found.items()})

    def _say(self, **record: Any) -> None:
        trainer = self.trainer
        self.log.add(
            {"batch": trainer.batches, "seen": trainer.seen, "seconds": round(trainer.seconds, 1), **record}
        )
