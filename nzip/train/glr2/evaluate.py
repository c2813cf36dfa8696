"""Validation: bits per byte of each class, by the network alone, of lanes that begin with nothing seen."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch

from nzip.models.network import Network as ExactNetwork
from nzip.train.corpus import SEPARATOR, Bytes
from nzip.train.evaluate import exact_bits
from nzip.train.glr2.batches import input_rows
from nzip.train.glr2.network import Network, Step

STEPS = 256
LANES = {"fresh": (16, 6144), "long": (2, 65536)}  # how many, and the bytes of each


def bits_per_byte(
    network: Network, classes: Mapping[str, Bytes], lanes: int, length: int
) -> dict[str, float]:
    """By class. Lanes are the beginnings of equal parts of a class's documents, joined."""
    step = Step(network, lanes, STEPS, 1)
    return {name: _of_class(step, cut(data, lanes, length)) for name, data in classes.items()}


def exact_bits_per_byte(
    network: ExactNetwork, classes: Mapping[str, Bytes], lanes: int, length: int
) -> dict[str, float]:
    """The same, of the same bytes, by the integers of a model file."""
    return {name: exact_bits(network, cut(data, lanes, length)) for name, data in classes.items()}


def cut(data: Bytes, lanes: int, length: int) -> Bytes:
    """Lanes [lanes, length], whole batches long."""
    data = data[data != SEPARATOR]
    part = len(data) // lanes
    length = min(part, length) // STEPS * STEPS
    return np.stack([data[part * lane : part * lane + length] for lane in range(lanes)])


def _of_class(step: Step, lanes: Bytes) -> float:
    count, length = lanes.shape
    rows = np.stack([input_rows(lane) for lane in lanes])
    state, nats = step.network.fresh_state(count), 0.0
    start = torch.ones(count, STEPS, dtype=torch.uint8)
    start[:, 1:] = 0
    for at in range(0, length, STEPS):
        span = slice(at, at + STEPS)
        batch = (np.ascontiguousarray(a[:, span]).reshape(-1, *a.shape[2:]) for a in (rows, lanes))
        nats += step.run(*map(torch.from_numpy, batch), start, state, learn=False)
        start = torch.zeros_like(start)
    bits: float = nats / (length / STEPS) / math.log(2)
    return bits
