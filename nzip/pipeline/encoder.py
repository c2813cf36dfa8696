"""One stream from plaintext that arrives in pieces of any size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from nzip import _native
from nzip.codecs.layouts.earlier import EarlierLayout
from nzip.codecs.layouts.following import Layout
from nzip.format.block import BlockHeader
from nzip.format.metadata import Metadata
from nzip.format.writer import StreamWriter
from nzip.options import EncodeOptions
from nzip.pipeline.coding import RunEncoder
from nzip.pipeline.memory import helpers_for, threads_for
from nzip.pipeline.recovery import RecoveryMaker, choose_geometry
from nzip.pipeline.resolve import Encoding, resolve_encoding
from nzip.progress import Gauge, Progress, Reporter, Totals
from nzip.tasks import Window
from nzip.transforms.chain import block_end
from nzip.transforms.contract import NO_TAIL, Plain, Tail
from nzip.transforms.repeats import MOST, last_period

if TYPE_CHECKING:
    from typing_extensions import Buffer


class Larger(NamedTuple):
    """Blocks that are larger than others."""

    left: int  # bytes that are to have such blocks
    most: int  # of each


NOT_LARGER = Larger(0, 0)


class Encoder:
    """Each method returns the bytes to write next; blocks still in flight come with later calls.

    So do bytes that were ready when an interrupt broke a call off.

    Where the input is cut depends on its bytes' positions (and ``flush_block``) only, never on the pieces.
    """

    def __init__(
        self,
        options: EncodeOptions | Encoding,
        metadata: Metadata | None = None,
        size_hint: int | None = None,
        progress: Progress | None = None,
        records: bytes = b"",
        alone: bool = True,
        before_block: Callable[[BlockHeader, bool], bytes] | None = None,
    ) -> None:
        """``records`` are those that come before the first block.

        ``before_block`` is told each block that comes next, and whether it is known to be the last, and
        returns the records that stand before it.

        Threads that its blocks leave free help them, unless it is not ``alone`` and others need these.
        """
        self.totals = Totals()
        self._encoding = encoding = resolve_encoding(options)
        self._metadata = metadata
        self._records = records
        self._before_block = before_block
        self._ends = False  # what is in flight is all that comes
        self._writer = StreamWriter(index=encoding.options.index)
        self._recovery = RecoveryMaker() if encoding.options.recovery else None
        self._begun = False
        self._reporter = Reporter(progress)
        self._poll = None if progress is None else self.report
        self._alone = alone
        self._run = self._new_run(1)
        self._size_hint = size_hint
        self._window: Window[tuple[BlockHeader, bytes | bytearray]] = Window(threads_for(encoding, size_hint))
        self._taken = 0  # bytes of plaintext
        self._ready: list[bytes] = []  # to be written
        self._pending = bytearray()  # at most a block
        self._most = encoding.block_bytes  # that it may have
        self._larger = NOT_LARGER
        self._tail = NO_TAIL  # of a full one
        earlier = encoding.earlier
        # Of the arrays in what comes next.
        self._layout = Layout(None if earlier is None else EarlierLayout(earlier))
        self._cut_at = 0  # bytes of plaintext in blocks

    def write(self, data: Buffer) -> bytes:
        self._begin()
        with memoryview(data).cast("B") as view:
            self._taken += len(view)
            self._plan_again()
            start = 0
            while start < len(view):
                if self.room:
                    piece = view[start : start + self.room]
                    self._pending += piece
                    start += len(piece)
                    if not self.room and not self._cut_early() and not self._may_grow():
                        self._cut()
                elif grown := self._grow(view[start:]):
                    start += grown
                else:
                    self._cut()
        return self._take_ready()

    @property
    def room(self) -> int:
        """Bytes that the block which is being filled has room for."""
        return self._most - len(self._pending)

    def _may_grow(self) -> bool:
        """Whether a full block ends with a repetition, which may go on for longer than it."""
        period = last_period(self._pending) if not self._encoding.refers else 0
        self._tail = Tail(0, period or 1)
        return period > 0

    def _grow(self, more: memoryview) -> int:
        """The full block takes what goes on with its last repetition; returns how many bytes."""
        size, period = self._tail
        before = len(self._pending) + size
        at = len(self._pending) - period + size % period
        unit = self._pending[at:] + self._pending[len(self._pending) - period : at]
        grown = _native.count_repeated(unit, more[: max(0, MOST - before)])
        self._tail = Tail(size + grown, period)
        return grown

    def copy_block(self, header: BlockHeader, payload: bytes) -> bytes:
        """Takes a coded block of another stream over, before any plaintext was written."""
        self._begin()
        self._take(header, payload)
        return self._take_ready()

    def begin_blocks(self, size: int, most: int) -> bytes:
        """Starts a block: the next ``size`` bytes have blocks of ``most``, for which there must be memory."""
        coded = self.end_block()
        self._larger = Larger(size, most)
        self._most = self._most_of_next()
        return coded

    def end_block(self) -> bytes:
        """Ends the block here; what follows starts another one."""
        self._begin()
        self._larger = NOT_LARGER
        self._cut()
        return self._take_ready()

    def flush_block(self) -> bytes:
        """Ends the block here, so that all plaintext so far can be decoded from the bytes so far."""
        self._begin()
        self._cut()
        self._drain()
        return self._take_ready()

    def end_blocks(self) -> bytes:
        """Ends the last block."""
        self._begin()
        self._cut(is_last=True)
        self._ends = True
        self._drain()
        return self._take_ready()

    def finish(self, records: bytes = b"") -> bytes:
        """Ends the stream; ``records`` go behind its last block."""
        pieces: list[bytes] = []
        try:
            for piece in self.closing(records):
                pieces.append(piece)
        except BaseException:
            self._ready[:0] = pieces
            raise
        return b"".join(pieces)

    def closing(self, records: bytes = b"") -> Iterator[bytes]:
        """As ``finish``, piece by piece: recovery records may be many."""
        coded = self.end_blocks()
        self._put(self._writer.records(records))
        yield coded + self._take_ready()
        if (recovery := self._recovery) is not None:
            self._recovery = None
            geometry = choose_geometry(recovery.size, self._encoding.options.recovery)
            for record in recovery.records(geometry):
                self._put(self._writer.records(record))
                yield self._take_ready()
        self._put(self._writer.end())
        yield self._take_ready()

    def get_ready(self) -> None:
        """For being finished while Python ends: threads work no more then, and nothing can be imported."""
        self._window.wait()
        for candidate in self._encoding.candidates:
            candidate.get_ready()

    def keep(self) -> None:
        """For being finished after the garbage collector has closed what it found."""
        if self._recovery is not None:
            self._recovery.keep()

    def close(self) -> None:
        """Stops what is in flight."""
        self._window.close()

    def report(self) -> None:
        """Progress: what is done, blocks in flight included, these supposed to shrink as the others did."""
        totals = self.totals
        plain = totals.plain + self._window.plain
        self._reporter(plain, plain * totals.coded // totals.plain if totals.plain else 0)

    def _plan_again(self) -> None:
        """When more comes than was planned for, as from a file that grows."""
        if self._size_hint is not None and self._taken > self._size_hint:
            # From a whole block on, nothing depends on the size any more.
            self._size_hint = self._taken if self._taken < self._encoding.block_bytes else None
            self._window.size = threads_for(self._encoding, self._size_hint)

    def _begin(self) -> None:
        if not self._begun:
            self._begun = True
            self._put(self._writer.begin(self._metadata, self._records))

    def _cut(self, is_last: bool = False) -> None:
        """Ends the blocks that are pending."""
        while self._cut_early():
            pass
        if self._pending:
            self._make_room()
            block, self._pending = self._pending, bytearray()
            self._code(block, is_last)
        self._most = self._most_of_next()

    def _most_of_next(self) -> int:
        """Bytes that the next block may have."""
        left, most = self._larger
        if left == 0:
            return self._encoding.block_bytes
        size = min(left, most)
        self._larger = Larger(left - size, most)
        return size

    def _cut_early(self) -> bool:
        """Ends a block where something in it asks for that; whether anything does. In a run nothing may."""
        if self._tail.size or self._encoding.solid is not None:
            return False
        end = block_end(self._pending) or self._layout.end(self._pending)
        if not 0 < end < len(self._pending):
            return False
        self._make_room()
        block, self._pending = self._pending[:end], self._pending[end:]
        self._code(block)
        return True

    def _make_room(self) -> None:
        """Before anything is taken out of what is pending: a wait may be interrupted."""
        if self._window.is_full:
            self._pop()

    def _code(self, block: bytearray, is_last: bool = False) -> None:
        """``block`` has the tail."""
        arrays = self._layout.take(block, len(block) + self._tail.size)
        plain, self._tail = Plain(block, self._tail, arrays, self._cut_at), NO_TAIL
        self._cut_at += plain.size
        # Without a solid run every block is a run of its own, and these can be coded at the same time.
        run = self._run
        if self._encoding.solid is None:
            together = len(self._window) + 1 if is_last else self._window.size
            run = self._new_run(together)
        gauge = Gauge(plain.size, passes=2 if self._encoding.verifies else 1)
        self._window.add(lambda: run.encode(plain, gauge), gauge=gauge)

    def _new_run(self, together: int) -> RunEncoder:
        """With its share of the threads, of which ``together`` blocks at a time take theirs."""
        return RunEncoder(self._encoding, helpers_for(self._encoding, together) if self._alone else 0)

    def _drain(self) -> None:
        while self._window:
            self._pop()

    def _pop(self) -> None:
        self._take(*self._window.pop(self._poll))

    def _take(self, header: BlockHeader, payload: bytes | bytearray) -> None:
        self.totals.blocks += 1
        self.totals.plain += header.plain_size
        records = b""
        if self._before_block is not None:
            is_last = self._ends and not self._window
            records = self._writer.records(self._before_block(header, is_last))
        self._put(records + self._writer.block(header, payload))

    def _put(self, data: bytes) -> None:
        self.totals.coded += len(data)
        if self._recovery is not None:
            self._recovery.take(data)
        self._ready.append(data)

    def _take_ready(self) -> bytes:
        ready, self._ready = self._ready, []
        return b"".join(ready)
