"""Batches of segments with what precedes them: rows of the inputs, and bytes to predict."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nzip import _native
from nzip.models.inputs import ARCHITECTURES
from nzip.train.corpus import SEPARATOR, Bytes
from nzip.train.segments import (
    CRLF_SHARE,
    DOCUMENT_START_SHARE,
    LEAST,
    LONG,
    LONG_SHARE,
    SHORT,
    UPPER_SHARE,
    document_start,
    line_start,
    until,
)

Rows = NDArray[np.uint16]

TABLES = len(ARCHITECTURES["glr2"])

FRESH_SHARE = 0.2  # of segments, before which nothing has been seen
LEAST_WARM, MOST_WARM = 512, 1 << 18  # bytes before the others, log-uniform
MUCH_WARM = 1 << 14  # more of them make it worth while that the segment is twice as long


class Batch(NamedTuple):
    """The next T steps of L lanes."""

    rows: Tensor  # uint16 [L T, tables], from which a byte is predicted
    target: Tensor  # uint8 [L T], the byte
    start: Tensor  # uint8 [L, T], 1 at the first byte of a segment


def input_rows(data: Bytes, first: int = 0) -> Rows:
    """The rows [n, tables] from which each byte of a block is predicted, from the byte ``first`` on."""
    rows = np.frombuffer(_native.input_rows(data.data, "glr2", first), np.int32)
    return rows.reshape(-1, TABLES).astype(np.uint16)


class Segments:
    """Draws segments at random from the classes, these by weight, each with what precedes it.

    A class's documents follow one another as files in a solid archive do: what precedes a segment may be the
    end of other documents, and it may go on beyond its own document. Only one before which nothing has been
    seen ends there.
    """

    def __init__(
        self, classes: Mapping[str, list[Bytes]], weights: Mapping[str, float], random: np.random.Generator
    ) -> None:
        self._files = [file for name in classes for file in classes[name]]
        shares = []
        for name, files in classes.items():
            whole = sum(map(len, files))
            shares += [weights[name] * len(file) / whole for file in files]
        self._shares = np.array(shares) / sum(shares)
        self._random = random

    def draw(self) -> tuple[Bytes, int]:
        """Bytes, and how many of them, at the beginning, come before the segment."""
        while True:
            data = self._files[self._random.choice(len(self._files), p=self._shares)]
            whole, before = self._piece(data)
            if len(whole) - before >= LEAST:
                return self._augmented(whole, before)

    def _piece(self, data: Bytes) -> tuple[Bytes, int]:
        random = self._random
        at = int(random.integers(len(data)))
        at = document_start(data, at) if random.random() < DOCUMENT_START_SHARE else line_start(data, at)
        warm = 0
        if random.random() >= FRESH_SHARE:
            warm = int(np.exp(random.uniform(np.log(LEAST_WARM), np.log(MOST_WARM))))
        length = (LONG if random.random() < LONG_SHARE else SHORT) * (2 if warm > MUCH_WARM else 1)
        piece = data[at : at + length]
        if not warm:
            return until(piece, SEPARATOR), 0
        before = data[max(0, at - warm) : at]
        before = before[before != SEPARATOR]
        return np.concatenate([before, piece[piece != SEPARATOR]]), len(before)

    def _augmented(self, whole: Bytes, before: int) -> tuple[Bytes, int]:
        random = self._random
        if random.random() < CRLF_SHARE and not (whole == ord("\r")).any():
            before += int((whole[:before] == ord("\n")).sum())
            whole = np.frombuffer(whole.tobytes().replace(b"\n", b"\r\n"), np.uint8)
        if random.random() < UPPER_SHARE:
            whole = np.frombuffer(whole.tobytes().upper(), np.uint8)
        return np.ascontiguousarray(whole), before


class Batches:
    """Batches of segments, made ahead by a thread; what does not fit into one continues in the next."""

    def __init__(self, segments: Segments, lanes: int, steps: int, ahead: int = 3) -> None:
        self._segments, self.lanes, self.steps = segments, lanes, steps
        self._rest = [np.empty(0, np.uint8)] * lanes
        self._rest_rows = [np.empty((0, TABLES), np.uint16)] * lanes
        self._pool = ThreadPoolExecutor(1)
        self._ahead = deque(self._pool.submit(self._make) for _ in range(ahead))

    def next(self) -> Batch:
        self._ahead.append(self._pool.submit(self._make))
        return self._ahead.popleft().result()

    def _make(self) -> Batch:
        rows = np.empty((self.lanes, self.steps, TABLES), np.uint16)
        target = np.empty((self.lanes, self.steps), np.uint8)
        start = np.zeros((self.lanes, self.steps), np.uint8)
        for lane in range(self.lanes):
            at = 0
            while at < self.steps:
                if not len(self._rest[lane]):
                    whole, before = self._segments.draw()
                    self._rest[lane] = whole[before:]
                    self._rest_rows[lane] = input_rows(whole, before)
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
