"""The plaintext of a seekable file from any block on."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from typing import BinaryIO

from nzip.errors import NzipChecksumError, NzipError, NzipFormatError, NzipTruncatedError
from nzip.format.block import BlockHeader
from nzip.format.header import StreamHeader
from nzip.format.limits import MAX_BODY
from nzip.format.locate import BlockLocation, BlockMap, check_structure, locate_blocks, read_block_header
from nzip.format.reader import StreamReader
from nzip.format.record import Record
from nzip.format.registry import RecordType
from nzip.options import DecodeOptions
from nzip.pipeline.allowance import Allowance
from nzip.pipeline.coding import RunDecoder
from nzip.pipeline.decoder import Decoder
from nzip.pipeline.own_primes import OwnPrime, read_own_prime
from nzip.pipeline.resolve import Decoding, resolve_decoding
from nzip.progress import Gauge
from nzip.streams import read_all
from nzip.tasks import run_task

MAX_FIRST = 2 * MAX_BODY  # bytes before the first block that are looked at

# What is wrong with one block and says nothing of the others.
DAMAGE = NzipChecksumError, NzipFormatError, NzipTruncatedError


class BlockTable:
    """Finds and decodes the blocks of a file, all its streams together."""

    def __init__(
        self,
        file: BinaryIO,
        start: int,
        options: DecodeOptions | Decoding | None = None,
        *,
        blocks: Iterable[BlockLocation] | None = None,
        own_prime: OwnPrime | None = None,
    ) -> None:
        """``blocks`` and ``own_prime`` are those of a file in which they were found already."""
        self._file = file
        self._decoding = resolve_decoding(options)
        # What comes out is limited by whoever chooses the blocks.
        self._allowance = Allowance(None, self._decoding.max_seconds)
        self._start = start
        limit = self._decoding.memory_limit
        if blocks is None:
            self._blocks, self.is_checked = locate_blocks(file, start, limit)
            self.own_prime = self._read_own_prime(start)
        else:
            self._blocks, self.is_checked = BlockMap(limit), True
            for block in blocks:
                self._blocks.add(block.start, block.size, block.plain_size, block.continues)
            self.own_prime = own_prime
        self.coded_end = start if self._blocks.coded_end is None else self._blocks.coded_end
        self.plain_size = self._blocks.plain_size

    def _read_own_prime(self, start: int) -> OwnPrime | None:
        """That of the file's first stream, which stands before its blocks, if it can be used.

        If not, the blocks that start from it tell so.
        """
        if not self._blocks or self._blocks[0].start - start > MAX_FIRST:
            return None
        self._file.seek(start)
        reader = StreamReader()
        reader.feed(read_all(self._file, self._blocks[0].start - start))
        with suppress(NzipError):
            while (event := reader.next_event()) is not None:
                if isinstance(event, Record) and event.type == RecordType.PRIME:
                    return read_own_prime(event.body, self._decoding.memory_limit)
        return None

    def check(self) -> None:
        """Raises an NzipError where the file's headers, records and ends contradict one another.

        Which blocks there are may be known from the index alone; who has read them all must know better.
        """
        if not self.is_checked:
            check_structure(self._file, self._start)
            self.is_checked = True

    def __len__(self) -> int:
        return len(self._blocks)

    def block_at(self, position: int) -> int:
        """The number of the block that holds a byte of the plaintext; at its end, the number of blocks."""
        return self._blocks.block_at(position)

    def plain_start(self, number: int) -> int:
        """Where a block begins in the plaintext."""
        return self._blocks.plain_start(number)

    def numbers(self, start: int, end: int) -> range:
        """The numbers of the blocks that hold a range of the plaintext."""
        return range(self.block_at(start), self.block_at(end - 1) + 1) if start < end else range(0)

    def coded_size(self, start: int, end: int) -> float:
        """Bytes of the file that a range of the plaintext takes, were those of each block spread evenly."""
        numbers = self.numbers(start, end)
        return sum(
            block.size
            * (min(end, block.plain_start + block.plain_size) - max(start, block.plain_start))
            / block.plain_size
            for block in map(self._blocks.__getitem__, numbers)
        )

    def run_start(self, number: int) -> int:
        """The first block of the run that a block belongs to: decoding must begin there."""
        while number < len(self._blocks) and self._blocks.continues(number):
            number -= 1
        return number

    def plain_blocks(self, number: int) -> Generator[bytes, None, None]:
        """The plaintext from a block on, block by block. Blocks of a run before it are decoded unseen."""
        if self.own_prime is not None:
            self._allowance.take_seconds(self.own_prime.prime.seconds)
        run = self._new_run()
        for current in range(self.run_start(number), len(self._blocks)):
            header, payload = self.read_block(current)
            if not header.continues:
                run = self._new_run()
            run.admit(header, self._decoding.memory_limit)
            self._allowance.take_block(header, run.size)
            gauge = Gauge(header.plain_size)
            with self._allowance.waiting() as poll:
                plain = run_task(partial(run.decode, header, payload, gauge), gauge, poll)
            del payload
            if current >= number:
                yield plain
            del plain  # or it stays while the next block is decoded

    def chosen_blocks(self, numbers: Iterable[int], threads: int) -> Iterator[tuple[int, bytes | NzipError]]:
        """The blocks of these numbers, in order: the plaintext of each, or in what way it is damaged.

        Up to ``threads`` blocks are decoded at a time. Errors that are not damage are raised.
        """
        wanted = set(numbers)
        needed = deque(
            sorted({each for number in wanted for each in range(self.run_start(number), number + 1)})
        )
        while needed:
            try:
                for plain in self._decode(list(needed), threads):
                    number = needed.popleft()
                    if number in wanted:
                        yield number, plain
                    del plain  # or it stays while the next block is decoded
            except DAMAGE as error:
                lost = [needed.popleft()]
                while needed and self._blocks.continues(needed[0]):
                    lost.append(needed.popleft())
                yield from ((number, error) for number in lost if number in wanted)

    def _decode(self, numbers: list[int], threads: int) -> Iterator[bytes]:
        """Block after block up to the first error."""
        decoding = replace(self._file_decoding, threads=threads, max_output=None)
        with closing(Decoder(decoding)) as decoder:
            decoder.feed(StreamHeader().encode())
            failure = None
            for number in numbers:
                try:
                    header, payload = self.read_block(number)
                except NzipError as error:
                    failure = error
                    break
                decoder.feed(header.encode() + payload)
                while (plain := decoder.next_block()) is not None:
                    yield plain
            while (plain := decoder.next_block(more=False)) is not None:
                yield plain
        if failure is not None:
            raise failure

    def _new_run(self) -> RunDecoder:
        return RunDecoder(self._file_decoding.resources)

    @property
    def _file_decoding(self) -> Decoding:
        """With the prime that is in the file."""
        return self._decoding.for_file(None if self.own_prime is None else self.own_prime.prime)

    def read_block(self, number: int) -> tuple[BlockHeader, bytes]:
        """A block as it is in the file."""
        header = read_block_header(self._file, self._blocks[number])
        payload = read_all(self._file, header.coded_size)
        if len(payload) < header.coded_size:
            raise NzipTruncatedError("the file ends inside a block")
        return header, payload
