"""The plaintext of a seekable file from any block on."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import BinaryIO

from nzip.errors import NzipChecksumError, NzipError, NzipFormatError, NzipTruncatedError
from nzip.format.block import BlockHeader
from nzip.format.header import StreamHeader
from nzip.format.limits import MAX_BODY
from nzip.format.locate import BlockLocation, locate_blocks, read_block_header
from nzip.format.reader import StreamReader
from nzip.format.record import Record
from nzip.format.registry import RecordType
from nzip.pipeline.coding import RunDecoder
from nzip.pipeline.decoder import Decoder
from nzip.pipeline.devices import Devices
from nzip.pipeline.own_primes import OwnPrime, read_own_prime

MAX_FIRST = 2 * MAX_BODY  # bytes before the first block that are looked at

# What is wrong with one block and says nothing of the others.
DAMAGE = NzipChecksumError, NzipFormatError, NzipTruncatedError


class BlockTable:
    """Finds and decodes the blocks of a file, all its streams together."""

    def __init__(
        self,
        file: BinaryIO,
        start: int,
        memory_limit: int,
        devices: Devices = (),
        *,
        blocks: list[BlockLocation] | None = None,
        own_prime: OwnPrime | None = None,
    ) -> None:
        """``blocks`` and ``own_prime`` are those of a file in which they were found already."""
        self._file = file
        self._memory_limit = memory_limit
        self._devices = devices
        self._blocks = locate_blocks(file, start) if blocks is None else blocks
        self.own_prime = self._read_own_prime(start) if blocks is None else own_prime
        self.coded_end = self._blocks[-1].start + self._blocks[-1].size if self._blocks else start
        self.plain_size = sum(block.plain_size for block in self._blocks)
        self._starts = [block.plain_start for block in self._blocks] + [self.plain_size]

    def _read_own_prime(self, start: int) -> OwnPrime | None:
        """That of the file's first stream, which stands before its blocks, if it can be used.

        If not, the blocks that start from it tell so.
        """
        if not self._blocks or self._blocks[0].start - start > MAX_FIRST:
            return None
        self._file.seek(start)
        reader = StreamReader()
        reader.feed(self._file.read(self._blocks[0].start - start))
        with suppress(NzipError):
            while (event := reader.next_event()) is not None:
                if isinstance(event, Record) and event.type == RecordType.PRIME:
                    return read_own_prime(event.body, self._memory_limit)
        return None

    def __len__(self) -> int:
        return len(self._blocks)

    def block_at(self, position: int) -> int:
        """The number of the block that holds a byte of the plaintext; at its end, the number of blocks."""
        return bisect_right(self._starts, position) - 1

    def plain_start(self, number: int) -> int:
        """Where a block begins in the plaintext."""
        return self._starts[number]

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
            for block in self._blocks[numbers.start : numbers.stop]
        )

    def run_start(self, number: int) -> int:
        """The first block of the run that a block belongs to: decoding must begin there."""
        while number < len(self._blocks) and self._blocks[number].continues:
            number -= 1
        return number

    def plain_blocks(self, number: int) -> Iterator[bytes]:
        """The plaintext from a block on, block by block. Blocks of a run before it are decoded unseen."""
        run = RunDecoder(self._devices)
        for current in range(self.run_start(number), len(self._blocks)):
            header, payload = self.read_block(current)
            if not header.continues:
                run = RunDecoder(self._devices)
            run.admit(header, self._memory_limit)
            plain = run.decode(header, payload)
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
                while needed and self._blocks[needed[0]].continues:
                    lost.append(needed.popleft())
                yield from ((number, error) for number in lost if number in wanted)

    def _decode(self, numbers: list[int], threads: int) -> Iterator[bytes]:
        """Block after block up to the first error."""
        decoder = Decoder(threads, self._memory_limit, self._devices)
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

    def read_block(self, number: int) -> tuple[BlockHeader, bytes]:
        """A block as it is in the file."""
        header = read_block_header(self._file, self._blocks[number])
        payload = self._file.read(header.coded_size)
        if len(payload) < header.coded_size:
            raise NzipTruncatedError("the file ends inside a block")
        return header, payload
