"""A network of one's own: one that is trained on, on samples, from where a model file left off."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from nzip.models.nzm import Model
from nzip.train.card import card, describe
from nzip.train.corpus import SEPARATOR, Bytes
from nzip.train.evaluate import bits_per_byte
from nzip.train.export import export
from nzip.train.loop import FINAL_VALIDATION_BYTES, Trainer
from nzip.train.prepare import prepare
from nzip.train.recipe import Recipe
from nzip.train.restore import restore

CLASS = "own"
RATE = 0.25  # times the recipe's rates: the network knows most of the text already
LANES = 16  # few samples give more steps in smaller batches
WARMUP = 0.1  # part of all batches
HELD_OUT = 8  # of each 8 documents one is left for measuring


def tuned(
    model: Model, documents: Sequence[bytes], passes: int, progress: Callable[[int], None]
) -> tuple[bytes, float, float]:
    """The model file, and the bits per byte of held-out documents, before and after the training.

    ``progress`` is told the bytes seen, at the end ``passes`` times the documents' bytes. Raises ValueError
    where the samples are too small or the training fails.
    """
    held, learned = _joined(documents[::HELD_OUT]), _joined(_without(documents, HELD_OUT))
    budget = passes * sum(map(len, documents))
    default = Recipe()
    recipe = replace(
        default,
        channels=model.channels,
        layers=model.layers,
        lanes=LANES,
        matrix_rate=RATE * default.matrix_rate,
        other_rate=RATE * default.other_rate,
        warmup=max(1, round(WARMUP * budget / (LANES * default.steps))),
    )
    network = prepare(recipe)
    restore(model, network)
    classes = {CLASS: learned}
    trainer = Trainer(network, recipe, classes, describe(classes, {CLASS: 1.0}, []))

    def measured() -> dict[str, Any]:
        bits = bits_per_byte(network, held, FINAL_VALIDATION_BYTES)
        return {"seen": trainer.seen, "valid": {CLASS: round(bits, 4)}}

    records = [measured()]
    while trainer.seen < budget:
        if not math.isfinite(trainer.step(trainer.seen / budget)):
            raise ValueError(f"the loss is not finite after {trainer.batches} batches")
        progress(min(budget, trainer.seen))
    records.append(measured())
    before, after = (record["valid"][CLASS] for record in records)
    return export(network, card(trainer.checkpoint(), records, "that of the samples")), before, after


def _joined(documents: Sequence[bytes]) -> Bytes:
    return np.frombuffer(b"".join(bytes([SEPARATOR]) + each for each in documents), np.uint8)


def _without(documents: Sequence[bytes], every: int) -> list[bytes]:
    return [each for number, each in enumerate(documents) if number % every] or list(documents)
