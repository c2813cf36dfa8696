"""The account of a stream's blocks, kept alike by who writes the stream and by who checks it."""

from __future__ import annotations

import xxhash

from nzip.format.block import BlockHeader
from nzip.format.end import END_SIZE, End
from nzip.format.index import IndexEntry
from nzip.format.limits import MAX_BODY
from nzip.format.record import END_ONE, encode_record
from nzip.format.registry import RecordType
from nzip.format.run import RunRules


class Account:
    """Counts a stream's bytes and blocks. Its memory is bounded by that of the largest possible index."""

    def __init__(self) -> None:
        self.position = 0  # bytes of the stream so far
        self.blocks = 0
        self.plain_size = 0
        self.index_size = 0  # of the index record, once there is one
        self._checksums = xxhash.xxh3_64()
        self._index = bytearray()
        self._block_end = 0
        self._run = RunRules()

    @property
    def index_body(self) -> bytes | None:
        """The body of the index of the blocks so far; None when it would be too long for a record."""
        return bytes(self._index) if len(self._index) <= MAX_BODY else None

    def add_block(self, header: BlockHeader, size: int) -> None:
        """A block of ``size`` bytes, header included, begins at the position."""
        self._run.follow(header)
        if len(self._index) <= MAX_BODY:
            gap = self.position - self._block_end
            self._index += IndexEntry(gap, size, header.plain_size, header.continues).encode()
        self._checksums.update(header.checksum.to_bytes(8, "little"))
        self.blocks += 1
        self.plain_size += header.plain_size
        self.position += size
        self._block_end = self.position

    def closing(self, *, index: bool = True) -> bytes:
        """What ends the stream at the position: the end record, and the index where there is to be one."""
        if self.blocks == 1:
            return END_ONE
        record = b""
        if index and self.blocks > 1 and (body := self.index_body) is not None:
            record = encode_record(RecordType.INDEX, body)
        self.position += len(record)
        self.index_size = len(record)
        return record + self.end().encode()

    def end(self) -> End:
        """The end record that belongs at the position."""
        checksums = self._checksums.copy()
        checksums.update(self.plain_size.to_bytes(8, "little"))
        return End(self.plain_size, checksums.intdigest(), self.position + END_SIZE, self.index_size)
