"""What the pipeline reports while it works and when it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from nzip import _native

# (plaintext bytes done, coded bytes done), in the caller's thread. The first never goes back; the second is
# an estimate while blocks are in flight, and 0 while there is nothing to estimate it from.
Progress = Callable[[int, int], None]


@dataclass
class Totals:
    """Bytes and blocks that went through."""

    plain: int = 0
    coded: int = 0
    blocks: int = 0


class Working(Protocol):
    """What works on a block."""

    @property
    def done(self) -> int:
        """Bytes of the engine input that are done; asked for by another thread."""


class Gauge:
    """How much of a block in flight is done; one thread works, another one looks, and may stop it."""

    def __init__(
        self, plain_size: int, coded_size: int = 0, *, passes: int = 1, stop: _native.Stop | None = None
    ) -> None:
        self.stop = stop or _native.Stop()
        self._plain_size = plain_size
        self._coded_size = coded_size
        self._work = passes * plain_size  # bytes that engines have to go through
        self._passed = 0
        self._engine: Working | None = None
        self._share = 1.0  # bytes of work for each that the engine codes

    @contextmanager
    def watching(self, engine: Working, size: int) -> Iterator[None]:
        """One pass of the engine over the block, whose engine input has ``size`` bytes."""
        with self._passing(engine, self._plain_size, size):
            yield

    @contextmanager
    def learning(self, engine: Working, size: int) -> Iterator[None]:
        """The engine learns ``size`` bytes before it comes to the block: a part of the work on the block."""
        self._work += size
        with self._passing(engine, size, size):
            yield

    @contextmanager
    def _passing(self, engine: Working, size: int, engine_size: int) -> Iterator[None]:
        self._engine = engine
        self._share = size / engine_size
        try:
            yield
        finally:
            self._engine = None  # or the gauge would keep the tables
        self._passed += size

    @property
    def plain(self) -> int:
        """Bytes of the block, were all the work on it as good as its own."""
        engine = self._engine
        passed = self._passed + (0 if engine is None else int(engine.done * self._share))
        # A block may be coded once more than was planned.
        return min(self._plain_size, self._plain_size * passed // max(1, self._work))

    @property
    def coded_left(self) -> int:
        """Of the coded bytes, were they spread evenly."""
        return self._coded_size - self._coded_size * self.plain // max(1, self._plain_size)


class Reporter:
    """Passes progress on unless it goes back, as it would for moments when a block is done."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._plain = 0

    def __call__(self, plain: int, coded: int) -> None:
        if self._progress is not None and plain >= self._plain:
            self._plain = plain
            self._progress(plain, coded)
