"""The plaintext of a seekable file from any block on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import BinaryIO

from nzip.errors import NzipTruncatedError
from nzip.format.locate import locate_blocks, read_block_header
from nzip.pipeline.coding import RunDecoder


class BlockTable:
    """Finds and decodes the blocks of a file, all its streams together."""

    def __init__(self, file: BinaryIO, start: int, memory_limit: int) -> None:
        self._file = file
        self._memory_limit = memory_limit
        self._blocks = locate_blocks(file, start)
        self.plain_size = sum(block.plain_size for block in self._blocks)
        self._starts = [block.plain_start for block in self._blocks] + [self.plain_size]

    def block_at(self, position: int) -> int:
        """The number of the block that holds a byte of the plaintext; at its end, the number of blocks."""
        return bisect_right(self._starts, position) - 1

    def plain_start(self, number: int) -> int:
        """Where a block begins in the plaintext."""
        return self._starts[number]

    def run_start(self, number: int) -> int:
        """The first block of the run that a block belongs to: decoding must begin there."""
        while number < len(self._blocks) and self._blocks[number].continues:
            number -= 1
        return number

    def plain_blocks(self, number: int) -> Iterator[bytes]:
        """The plaintext from a block on, block by block. Blocks of a run before it are decoded unseen."""
        run = RunDecoder()
        for current in range(self.run_start(number), len(self._blocks)):
            header = read_block_header(self._file, self._blocks[current])
            if not header.continues:
                run = RunDecoder()
            run.admit(header, self._memory_limit)
            payload = self._file.read(header.coded_size)
            if len(payload) < header.coded_size:
                raise NzipTruncatedError("the file ends inside a block")
            plain = run.decode(header, payload)
            del payload
            if current >= number:
                yield plain
            del plain  # or it stays while the next block is decoded
