"""Validation: bits per byte of each class, by a network in training and by the integers that it becomes."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch

from nzip import _native
from nzip.models.network import Network
from nzip.train.batches import Batch, input_rows
from nzip.train.corpus import SEPARATOR, Bytes
from nzip.train.network import ByteNetwork

LANES, STEPS = 16, 256
POSITIONS = 64  # evaluated at once by the exact network


@torch.no_grad()
def bits_per_byte(network: ByteNetwork, data: Bytes, limit: int) -> float:
    """Bits per byte of a class's documents, joined and cut into 16 lanes that each start afresh.

    Each lane is the beginning of an equal part of the data; `limit` bounds the bytes of all lanes together.
    """
    lanes = _lanes(data, limit)
    length: int = lanes.shape[1]
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


def exact_bits_per_byte(network: Network, data: Bytes, limit: int) -> float:
    """What ``bits_per_byte`` measures, by the network in integers."""
    return exact_bits(network, _lanes(data, limit))


def exact_bits(network: Network, lanes: Bytes) -> float:
    """Bits per byte of lanes [lanes, bytes] that each start afresh, by the network in integers."""
    nats = 0.0
    for lane in lanes:
        found = _native.network_weights(network.native, lane.data, POSITIONS)
        weights = np.frombuffer(found, np.uint32).reshape(-1, 256)
        chosen = weights[np.arange(len(lane)), lane] / weights.sum(1, dtype=np.int64)
        nats -= float(np.log(chosen).sum())
    return nats / lanes.size / math.log(2)


def evaluate(network: ByteNetwork | Network, classes: Mapping[str, Bytes], limit: int) -> dict[str, float]:
    """Bits per byte of each class; ``limit`` bounds the bytes of a class."""
    if isinstance(network, Network):
        return {name: exact_bits_per_byte(network, data, limit) for name, data in classes.items()}
    return {name: bits_per_byte(network, data, limit) for name, data in classes.items()}


def _lanes(data: Bytes, limit: int) -> Bytes:
    data = data[data != SEPARATOR]
    part = len(data) // LANES
    length = min(part, limit // LANES)
    if length == 0:
        raise ValueError(f"at least {LANES} bytes are needed")
    return np.stack([data[part * lane : part * lane + length] for lane in range(LANES)])
