"""The account of a stream's blocks. Who writes a stream and who checks it keep the same account."""

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
        self.index_size = 0  # bytes of the index record, once there is one
        self._checksums = xxhash.xxh3_64()
        self._index = bytearray()
        self._block_end = 0
        self._run = RunRules()

    @property
    def index_body(self) -> bytes | None:
        """The body of the index of the blocks so far; None when it would be too long for a record."""
        return bytes(self._index) if len(self._index) <= MAX_BODY else None

    def add_block(self, header: BlockHeader, size: int) -> None:
        """Count a block of ``size`` bytes, header included, which begins at the position."""
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
        """The records that end the stream at the position: the index where one is wanted, and the end."""
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
