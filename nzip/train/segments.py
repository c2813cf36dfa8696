"""Segments: the short pieces of documents that a network is trained on.

Short and at random, because a network that sees long contiguous streams overfits to them (validation 2.6 bpb
against 1.9 in training). Small files are where a trained network gains most, so many start as a document
does.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nzip.train.corpus import SEPARATOR, Bytes

SHORT, LONG = 2048, 8192  # bytes, at most; a document may end before
LONG_SHARE = 0.1
DOCUMENT_START_SHARE = 0.3  # the others begin at the start of a line
CRLF_SHARE, UPPER_SHARE = 0.12, 0.01
LEAST = 32
DOCUMENT_REACH = 65536  # a document's start is looked for so far back, and a line's end so far ahead:
LINE_REACH = 400


class Segments:
    """Draws segments at random from the classes, these by weight."""

    def __init__(
        self, classes: Mapping[str, Bytes], weights: Mapping[str, float], random: np.random.Generator
    ):
        if missing := sorted(set(classes) - set(weights)):
            raise ValueError(f"no weight for the class {missing[0]}")
        self._classes = list(classes.values())
        shares = np.array([weights[name] for name in classes])
        self._shares = shares / shares.sum()
        self._random = random

    def draw(self) -> Bytes:
        while True:
            data = self._classes[self._random.choice(len(self._classes), p=self._shares)]
            piece = self._piece(data)
            if len(piece) >= LEAST:
                return self._augmented(piece)

    def _piece(self, data: Bytes) -> Bytes:
        length = LONG if self._random.random() < LONG_SHARE else SHORT
        at = int(self._random.integers(len(data)))
        if self._random.random() < DOCUMENT_START_SHARE:
            at = document_start(data, at)
        else:
            at = line_start(data, at)
        return until(data[at : at + length], SEPARATOR)

    def _augmented(self, piece: Bytes) -> Bytes:
        if self._random.random() < CRLF_SHARE and not (piece == ord("\r")).any():
            piece = np.frombuffer(piece.tobytes().replace(b"\n", b"\r\n"), np.uint8)
        if self._random.random() < UPPER_SHARE:
            piece = np.frombuffer(piece.tobytes().upper(), np.uint8)
        return piece


def document_start(data: Bytes, at: int) -> int:
    """Where the document of this position starts, if that is near; else the position."""
    first = max(0, at - DOCUMENT_REACH)
    separators = np.flatnonzero(data[first : at + 1] == SEPARATOR)
    return first + int(separators[-1]) + 1 if len(separators) else at


def line_start(data: Bytes, at: int) -> int:
    """Where the next line starts, if that is near; else the position."""
    ends = np.flatnonzero(data[at : at + LINE_REACH] == ord("\n"))
    return at + int(ends[0]) + 1 if len(ends) else at


def until(data: Bytes, byte: int) -> Bytes:
    found = np.flatnonzero(data == byte)
    return data[: found[0]] if len(found) else data
