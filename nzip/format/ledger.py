"""The account of a stream's blocks, kept alike by who writes the stream and by who checks it."""

from __future__ import annotations

import xxhash

from nzip.errors import NzipFormatError
from nzip.format.block import BlockHeader, Coding
from nzip.format.end import END_SIZE, End
from nzip.format.index import IndexEntry
from nzip.format.limits import MAX_BODY, MAX_RUN


class Ledger:
    """Counts a stream's bytes and blocks. Its memory is bounded by that of the largest possible index."""

    def __init__(self) -> None:
        self.position = 0  # bytes of the stream so far
        self.blocks = 0
        self.plain_size = 0
        self.index_size = 0  # of the index record, once there is one
        self._checksums = xxhash.xxh3_64()
        self._index = bytearray()
        self._block_end = 0
        self._open_run: Coding | None = None  # what a continuing block must match
        self._run_size = 0

    @property
    def index_body(self) -> bytes | None:
        """The body of the index of the blocks so far; None when it would be too long for a record."""
        return bytes(self._index) if len(self._index) <= MAX_BODY else None

    def add_block(self, header: BlockHeader, size: int) -> None:
        """A block of ``size`` bytes, header included, begins at the position."""
        self._follow_run(header)
        if len(self._index) <= MAX_BODY:
            gap = self.position - self._block_end
            self._index += IndexEntry(gap, size, header.plain_size, header.continues).encode()
        self._checksums.update(header.checksum.to_bytes(8, "little"))
        self.blocks += 1
        self.plain_size += header.plain_size
        self.position += size
        self._block_end = self.position

    def _follow_run(self, header: BlockHeader) -> None:
        coding = header.coding
        if coding is None or not coding.continues:
            self._run_size = 0
        elif self._open_run is None or not coding.same_run(self._open_run):
            raise NzipFormatError(f"block {self.blocks} continues a run that is not there")
        self._run_size += header.plain_size
        if self._run_size > MAX_RUN:
            raise NzipFormatError(f"a run of more than {MAX_RUN} bytes")
        self._open_run = coding if coding is not None and coding.keeps else None

    def end(self) -> End:
        """The end record that belongs at the position."""
        checksums = self._checksums.copy()
        checksums.update(self.plain_size.to_bytes(8, "little"))
        return End(self.plain_size, checksums.intdigest(), self.position + END_SIZE, self.index_size)
