"""The index: where a stream's blocks are, so that a reader can seek without reading every header."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nzip.errors import NzipFormatError
from nzip.format.cursor import Cursor, ShortInputError
from nzip.format.fields import encode_varint
from nzip.format.limits import MAX_BLOCK

MIN_BLOCK_SIZE = 18  # a stored byte: lead, type, body length, plain size, checksum, engine, check, byte


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


def parse_index(body: bytes, coded_size: int, plain_size: int) -> Iterator[IndexEntry]:
    """The entries in an index record's body.

    The stream has ``coded_size`` bytes before the index, and ``plain_size`` bytes of plaintext. Entries must
    fit these sizes, so that a forged index takes no more memory than an honest one. Raises NzipFormatError.
    """
    cursor = Cursor(body)
    is_first = True
    try:
        while cursor.remaining:
            gap, size, plain = cursor.varint(), cursor.varint(), cursor.varint()
            entry = IndexEntry(gap, size, plain >> 1, bool(plain & 1))
            coded_size -= gap + size
            plain_size -= entry.plain_size
            if size < MIN_BLOCK_SIZE or not 1 <= entry.plain_size <= MAX_BLOCK or coded_size < 0:
                raise NzipFormatError("the index lists what cannot be a block of the stream")
            if entry.continues and is_first:
                raise NzipFormatError("the stream's first block continues a run")
            is_first = False
            yield entry
    except ShortInputError:
        raise NzipFormatError("the index ends inside an entry") from None
    if plain_size != 0:
        raise NzipFormatError("the index does not list all that is in the stream")
