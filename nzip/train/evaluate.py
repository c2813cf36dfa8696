"""Validation: bits per byte of each class."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch

from nzip.train.batches import Batch, input_rows
from nzip.train.corpus import SEPARATOR, Bytes
from nzip.train.network import ByteNetwork

LANES, STEPS = 16, 256


@torch.no_grad()
def bits_per_byte(network: ByteNetwork, data: Bytes, limit: int) -> float:
    """Of the documents of a class, joined, and cut into 16 lanes that each start afresh.

    Each lane is the beginning of an equal part of the data; `limit` bounds the bytes of all lanes together.
    """
    data = data[data != SEPARATOR]
    part = len(data) // LANES
    length = min(part, limit // LANES)
    if length == 0:
        raise ValueError(f"at least {LANES} bytes are needed")
    lanes = np.stack([data[part * lane : part * lane + length] for lane in range(LANES)])
    rows = torch.from_numpy(np.stack([input_rows(lane) for lane in lanes]))
    target = torch.from_numpy(lanes)
    start = torch.zeros(LANES, length, dtype=torch.uint8)
    start[:, 0] = 1
    device = network.bo.device
    state, nats = network.fresh_state(LANES), 0.0
    for at in range(0, length, STEPS):
        span = slice(at, at + STEPS)
        batch = Batch(rows[:, span].flatten(0, 1), target[:, span].flatten(), start[:, span].contiguous())
        loss, state = network(*batch.to(device), state)
        nats += loss.item() * len(batch.target)
    return nats / (LANES * length) / math.log(2)


def evaluate(network: ByteNetwork, classes: Mapping[str, Bytes], limit: int) -> dict[str, float]:
    """Bits per byte by class."""
    return {name: bits_per_byte(network, data, limit) for name, data in classes.items()}
