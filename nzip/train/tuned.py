"""A network of one's own: one that is trained on, on samples, from where a model file left off."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch

from nzip.models.network import load_network
from nzip.models.nzm import Model
from nzip.train.corpus import SEPARATOR, Bytes
from nzip.train.evaluate import exact_bits
from nzip.train.glr2.checkpoint import Recipe, Run
from nzip.train.glr2.export import export
from nzip.train.glr2.loop import Trainer
from nzip.train.glr2.restore import restore

CLASS = "own"
RATE = 0.25  # times the recipe's rates: the network knows most of the text already
LANES = 16  # few samples give more steps in smaller batches
WARMUP = 0.1  # part of all batches
HELD_OUT = 8  # of each 8 documents one is left for measuring
MOST_MEASURED = 400_000  # bytes


def tuned(
    model: Model, documents: Sequence[bytes], passes: int, progress: Callable[[int], None]
) -> tuple[bytes, float, float]:
    """The model file, and the bits per byte of held-out documents, before and after the training.

    ``progress`` is told the bytes seen, at the end ``passes`` times the documents' bytes. Raises ValueError
    where the training fails or the model is not of the architecture glr2.
    """
    held = np.frombuffer(b"".join(documents[::HELD_OUT])[:MOST_MEASURED], np.uint8)
    budget = passes * sum(map(len, documents))
    batch = LANES * Recipe.steps
    warmup = max(1, round(WARMUP * budget / batch))
    run = Run(Recipe(model.channels, model.layers, lanes=LANES, warmup=warmup))
    restore(model, run.network)
    torch.set_num_threads(1)  # the passes are made for one
    trainer = Trainer(run, {CLASS: [_joined(_without(documents, HELD_OUT))]}, {CLASS: 1.0})

    def file() -> tuple[bytes, float]:
        card = {"licence": "that of the samples", "seen": run.seen, "batches": run.batches}
        data = export(run.network, card)
        return data, exact_bits(load_network(data), held[None])

    _, before = file()
    while run.seen < budget:
        if not math.isfinite(trainer.step(RATE * (1 - run.seen / budget))):
            raise ValueError(f"the loss is not finite after {run.batches} batches")
        progress(min(budget, run.seen))
    data, after = file()
    return data, before, after


def _joined(documents: Sequence[bytes]) -> Bytes:
    return np.frombuffer(b"".join(bytes([SEPARATOR]) + each for each in documents), np.uint8)


def _without(documents: Sequence[bytes], every: int) -> list[bytes]:
    return [each for number, each in enumerate(documents) if number % every] or list(documents)
