"""How much may come out of a file, and how long that may take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nzip.errors import NzipTimeError, check_output
from nzip.format.block import BlockHeader
from nzip.pipeline.cost import block_cost

Poll = Callable[[], None]


class Allowance:
    """Counts what the headers of a file announce, and the time that somebody waits for its blocks."""

    def __init__(self, max_output: int | None, max_seconds: float | None) -> None:
        self._max_output = max_output
        self._max_seconds = max_seconds
        self._output = 0  # bytes
        self._announced = 0.0  # seconds
        self._waited = 0.0

    def take_output(self, size: int) -> None:
        """So many bytes of plaintext more. NzipLimitError where all together are too many."""
        self._output += size
        check_output(self._output, self._max_output)

    def take_block(self, header: BlockHeader, run_size: int) -> None:
        """A block that is to be decoded, as ``take_seconds``."""
        self.take_seconds(block_cost(header, run_size).seconds)

    def take_seconds(self, seconds: float) -> None:
        """So much work more, on one core. NzipTimeError where all together is too much."""
        self._announced += seconds
        self._check(self._announced)

    @contextmanager
    def waiting(self, poll: Poll | None = None) -> Iterator[Poll | None]:
        """Somebody waits. What he polls raises NzipTimeError when he has waited too long in all."""
        begin = time.monotonic()

        def check() -> None:
            self._check(self._waited + time.monotonic() - begin)
            if poll is not None:
                poll()

        try:
            yield poll if self._max_seconds is None else check
        finally:
            self._waited += time.monotonic() - begin

    def _check(self, seconds: float) -> None:
        if self._max_seconds is not None and seconds > self._max_seconds:
            raise NzipTimeError(seconds, self._max_seconds)
