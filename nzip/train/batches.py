"""Batches: lanes of segments one after another, each with a flag where it starts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nzip import _native
from nzip.train.corpus import Bytes
from nzip.train.network import GATE_TABLES, RESIDUAL_TABLES
from nzip.train.segments import Segments

TABLES = len(GATE_TABLES) + len(RESIDUAL_TABLES)


class Batch(NamedTuple):
    """The next T steps of L lanes."""

    rows: Tensor  # int32 [L T, 11], from which a byte is predicted
    target: Tensor  # uint8 [L T], the byte
    start: Tensor  # uint8 [L, T], 1 at the first byte of a segment

    def to(self, device: torch.device) -> Batch:
        return Batch(*(tensor.to(device) for tensor in self))


def input_rows(data: Bytes) -> NDArray[np.int32]:
    """The rows [n, 11] from which each byte of a segment is predicted."""
    return np.frombuffer(_native.input_rows(data.data, "glr1"), np.int32).reshape(-1, TABLES)


class Batches:
    """Batches of segments; what does not fit into one continues in the next."""

    def __init__(self, segments: Segments, lanes: int, steps: int) -> None:
        self._segments, self.lanes, self.steps = segments, lanes, steps
        self._rest = [np.empty(0, np.uint8)] * lanes  # of the segment that a lane is in
        self._rest_rows = [np.empty((0, TABLES), np.int32)] * lanes

    def next(self) -> Batch:
        rows = np.empty((self.lanes, self.steps, TABLES), np.int32)
        target = np.empty((self.lanes, self.steps), np.uint8)
        start = np.zeros((self.lanes, self.steps), np.uint8)
        for lane in range(self.lanes):
            at = 0
            while at < self.steps:
                if not len(self._rest[lane]):
                    self._rest[lane] = self._segments.draw()
                    self._rest_rows[lane] = input_rows(self._rest[lane])
                    start[lane, at] = 1
                count = min(self.steps - at, len(self._rest[lane]))
                rows[lane, at : at + count] = self._rest_rows[lane][:count]
                target[lane, at : at + count] = self._rest[lane][:count]
                self._rest[lane] = self._rest[lane][count:]
                self._rest_rows[lane] = self._rest_rows[lane][count:]
                at += count
        return Batch(
            torch.from_numpy(rows.reshape(-1, TABLES)),
            torch.from_numpy(target.reshape(-1)),
            torch.from_numpy(start),
        )
