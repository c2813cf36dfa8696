"""The index: where a stream's blocks are, so that a reader can seek without reading every header."""

from __future__ import annotations

from typing import NamedTuple

from nzip.errors import NzipFormatError
from nzip.format.cursor import Cursor, ShortInputError
from nzip.format.fields import encode_varint


class IndexEntry(NamedTuple):
    """One block of a stream."""

    gap: int  # bytes between the previous block's end (first: the stream's start) and this block
    size: int  # bytes of the block, header included
    plain_size: int
    continues: bool

    def encode(self) -> bytes:
        return (
            encode_varint(self.gap)
            + encode_varint(self.size)
            + encode_varint(self.plain_size << 1 | self.continues)
        )


def parse_index(body: bytes) -> list[IndexEntry]:
    """The entries in an index record's body."""
    cursor = Cursor(body)
    entries = []
    try:
        while cursor.remaining:
            gap, size, plain = cursor.varint(), cursor.varint(), cursor.varint()
            entries.append(IndexEntry(gap, size, plain >> 1, bool(plain & 1)))
    except ShortInputError:
        raise NzipFormatError("the index ends inside an entry") from None
    return entries
