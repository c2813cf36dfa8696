"""The loop: batches until enough has been seen, with curves, validation and checkpoints on the way."""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nzip.train.corpus import Bytes
from nzip.train.glr2.batches import Batches, Segments
from nzip.train.glr2.checkpoint import Run
from nzip.train.glr2.data import CLASS_WEIGHTS
from nzip.train.glr2.evaluate import LANES, bits_per_byte
from nzip.train.glr2.network import Step
from nzip.train.schedule import LEAST

REPORT_EVERY = 50  # batches
SAVE_EVERY = 240  # seconds


class Trainer:
    """Takes a run from batch to batch. One that continues draws segments anew."""

    def __init__(
        self, run: Run, classes: Mapping[str, list[Bytes]], weights: Mapping[str, float] = CLASS_WEIGHTS
    ) -> None:
        self.run = run
        recipe = run.recipe
        random = np.random.default_rng([recipe.seed, run.batches])
        self._source = Batches(Segments(classes, weights, random), recipe.lanes, recipe.steps)
        self._step = Step(run.network, recipe.lanes, recipe.steps, recipe.part)
        self._state = run.network.fresh_state(recipe.lanes)

    def step(self, rate: float) -> float:
        """Learn from a batch, at ``rate`` times the recipe's rates; the batch's bits per byte."""
        began = time.monotonic()
        run, recipe, batch = self.run, self.run.recipe, self._source.next()
        rate *= min(1.0, (run.optimizer.steps + 1) / recipe.warmup)
        nats: float = self._step.run(*batch, self._state, learn=True)
        run.optimizer.step(self._step.gradients(), recipe.matrix_rate * rate, recipe.other_rate * rate)
        rates = recipe.table_rate * rate, recipe.least_rate * rate
        run.network.tables.learn(batch.rows, self._step.dh, self._step.da, *rates)
        run.batches += 1
        run.seen += len(batch.target)
        run.seconds += time.monotonic() - began
        return nats / math.log(2)


@dataclass(frozen=True)
class Loop:
    """What happens around the steps of a trainer."""

    trainer: Trainer
    valid: Mapping[str, Bytes]
    checkpoint: Path
    curves: Path  # CSV: batch, bytes seen, seconds, kind, name, value
    every: float  # bytes between validations
    rate: float = 1.0  # of the recipe's learning rates

    def until(self, bytes_seen: float, fall: float = 0) -> None:
        """Train until ``bytes_seen`` bytes have been seen; when interrupted, leave a checkpoint, too.

        While the last ``fall`` of these bytes are seen, the learning rates fall to almost nothing, in a line.
        Raises ValueError when the loss is not finite; the checkpoint before stays.
        """
        try:
            self._loop(bytes_seen, fall)
        except KeyboardInterrupt:
            self.trainer.run.save(self.checkpoint)
            raise
        self.trainer.run.save(self.checkpoint)

    def _loop(self, bytes_seen: float, fall: float) -> None:
        run, average, saved = self.trainer.run, math.nan, time.monotonic()
        reported, validated = (run.seen, run.seconds), run.seen // self.every
        while run.seen < bytes_seen:
            left = bytes_seen - run.seen
            bits = self.trainer.step(self.rate * (1.0 if left >= fall else max(LEAST, left / fall)))
            if not math.isfinite(bits):
                raise ValueError(f"the loss is not finite after {run.batches} batches")
            average = bits if math.isnan(average) else 0.98 * average + 0.02 * bits
            if run.batches % REPORT_EVERY == 0:
                speed = (run.seen - reported[0]) / (run.seconds - reported[1])
                self._add("loss", {"train": average, "bytes_per_second": speed})
                reported = run.seen, run.seconds
            if run.seen // self.every > validated:
                for kind, lanes in LANES.items():
                    self._add(kind, bits_per_byte(run.network, self.valid, *lanes))
                validated = run.seen // self.every
            if time.monotonic() - saved > SAVE_EVERY:
                run.save(self.checkpoint)
                saved = time.monotonic()

    def _add(self, kind: str, values: Mapping[str, float]) -> None:
        run = self.trainer.run
        with self.curves.open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            for name, value in values.items():
                writer.writerow([run.batches, run.seen, round(run.seconds), kind, name, round(value, 4)])
