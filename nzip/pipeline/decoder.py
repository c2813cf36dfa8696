"""The plaintext of one stream that arrives in pieces of any size."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from nzip.errors import NzipError, NzipTimeError
from nzip.format.block import BlockHeader
from nzip.format.reader import Event, StreamReader
from nzip.format.record import Record
from nzip.format.registry import RecordType
from nzip.machine import available_cores, blocks_at_a_time
from nzip.pipeline.allowance import Allowance
from nzip.pipeline.coding import RunDecoder
from nzip.pipeline.own_primes import read_own_prime
from nzip.pipeline.resolve import Decoding
from nzip.progress import Gauge
from nzip.tasks import Window

if TYPE_CHECKING:
    from typing_extensions import Buffer


class Decoder:
    """Decodes up to ``threads`` blocks at a time, fewer where they would not fit the memory limit together.

    What comes out, errors included, does not depend on the number of threads.
    """

    def __init__(self, decoding: Decoding) -> None:
        """A block whose header announces that there is more plaintext than the decoding's ``max_output``,
        with that before it, or that all takes longer than ``max_seconds``, is refused before it is decoded.
        """
        self._decoding = decoding
        self._reader = StreamReader()
        self._window: Window[bytes] = Window(decoding.threads or available_cores())
        self._allowance = Allowance(decoding.max_output, decoding.max_seconds)
        self._run = self._new_run()
        # Whose payload comes next, the memory that it takes, and how many blocks may be beside it.
        self._next: tuple[BlockHeader, int, int | float] | None = None
        self._failure: NzipError | None = None

    @property
    def eof(self) -> bool:
        """Whether the stream ended and all its plaintext was returned."""
        return self._reader.eof and not self._window and self._failure is None

    @property
    def buffer(self) -> bytearray:
        """What was fed and not used yet; at the stream's end, what follows it."""
        return self._reader.buffer

    @property
    def plain_in_flight(self) -> int:
        """Plaintext bytes that are done but belong to blocks that were not returned yet."""
        return self._window.plain

    @property
    def coded_left(self) -> int:
        """Of the bytes that were fed, those still to be decoded."""
        return len(self.buffer) + self._window.coded_left

    def restart(self) -> None:
        """At the stream's end, when something follows it: goes on to the stream that must be there."""
        self._reader = self._reader.next_stream()

    def feed(self, data: Buffer) -> None:
        self._reader.feed(data)

    def next_block(self, *, more: bool = True, poll: Callable[[], None] | None = None) -> bytes | None:
        """The next block's plaintext; None at the stream's end, or when it takes more input.

        Without ``more`` input to come, the blocks in flight are returned before that. While it waits for a
        block, it calls ``poll`` now and then.
        """
        while self._failure is None and not self._must_wait():
            try:
                event = self._reader.next_event()
                if event is not None:
                    self._handle(event)
                elif more and not self._reader.eof:
                    return None
                else:
                    break
            except NzipError as error:
                self._failure = error  # told after the plaintext of the blocks before it
        if self._window:
            return self._pop(poll)
        if self._failure is not None:
            raise self._failure
        return None

    def _pop(self, poll: Callable[[], None] | None) -> bytes:
        try:
            with self._allowance.waiting(poll) as poll:
                return self._window.pop(poll)
        except NzipTimeError as error:
            self._failure = error
            self.close()
            raise

    def at_end(self) -> bool:
        """Like ``eof``, having read on as far as that decodes no block."""
        while not (self._reader.eof or self._window or self._next or self._failure):
            try:
                event = self._reader.next_event()
                if event is None:
                    break
                self._handle(event)
            except NzipError as error:
                self._failure = error  # told when more is asked for
        return self.eof

    def _must_wait(self) -> bool:
        if self._window.is_full:
            return True
        if self._next is None or not self._window:
            return False
        header, memory, most_beside = self._next
        return (
            header.continues
            or self._window.memory + memory > self._decoding.memory_limit
            or len(self._window) >= most_beside
        )

    def close(self) -> None:
        """Stops what is in flight."""
        self._window.close()

    __del__ = close  # nobody waits for it

    def _new_run(self) -> RunDecoder:
        return RunDecoder(self._decoding.resources)

    def _handle(self, event: Event) -> None:
        if isinstance(event, Record) and event.type == RecordType.PRIME:
            own = read_own_prime(event.body, self._decoding.memory_limit).prime
            self._allowance.take_seconds(own.seconds)
            self._decoding = self._decoding.for_file(own)
        elif isinstance(event, BlockHeader):
            self._allowance.take_output(event.plain_size)
            if not event.continues:
                self._run = self._new_run()
            memory = self._run.admit(event, self._decoding.memory_limit)
            self._allowance.take_block(event, self._run.size)
            self._next = event, memory, _most_beside(self._run.threads)
        elif isinstance(event, bytes) and self._next is not None:
            header, memory, _ = self._next
            self._next = None
            gauge = Gauge(header.plain_size, header.coded_size)
            # What is in flight keeps the others at work.
            helpers = self._window.size // (len(self._window) + 1) - 1
            self._window.add(partial(self._run.decode, header, event, gauge, helpers), memory, gauge)


def _most_beside(threads: int) -> int | float:
    """How many blocks in flight leave cores for one that keeps ``threads`` threads at work."""
    return blocks_at_a_time(threads) if threads > 1 else math.inf
