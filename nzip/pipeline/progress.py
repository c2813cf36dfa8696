"""What the pipeline reports while it works and when it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

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


class Gauge:
    """How much of a block in flight is done; one thread works, another one looks."""

    def __init__(self, plain_size: int, coded_size: int = 0, *, passes: int = 1) -> None:
        self._plain_size = plain_size
        self._coded_size = coded_size
        self._passes = passes
        self._passed = 0
        self._engine: _native.Engine | None = None

    @contextmanager
    def watching(self, engine: _native.Engine) -> Iterator[None]:
        """One pass of the engine over the block."""
        self._engine = engine
        try:
            yield
        finally:
            self._engine = None  # or the gauge would keep the tables
        self._passed += self._plain_size

    @property
    def plain(self) -> int:
        engine = self._engine
        passed = self._passed + (0 if engine is None else engine.done)
        return min(
            self._plain_size, passed // self._passes
        )  # a block may be coded once more than was planned

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
