"""The frame of everything after the stream header: lead byte, type, body length, body, check."""

from __future__ import annotations

from dataclasses import dataclass

from nzip.errors import NzipChecksumError, NzipFormatError
from nzip.format.checksum import check32
from nzip.format.cursor import Cursor, ShortInputError
from nzip.format.fields import encode_varint
from nzip.format.limits import MAX_BODY
from nzip.format.registry import LEAD, RecordType

# The end of a stream of one block says nothing that the block did not say, so it has no body and no check.
END_ONE = bytes([LEAD, RecordType.END_ONE])


@dataclass(frozen=True)
class Record:
    """A record whose check matched. What its body means depends on the type, which may be unknown."""

    type: int
    body: bytes


def encode_record(record_type: int, body: bytes) -> bytes:
    if len(body) > MAX_BODY:
        raise ValueError(f"a record's body has at most {MAX_BODY} bytes, not {len(body)}")
    framed = bytes([LEAD, record_type]) + encode_varint(len(body)) + body
    return framed + check32(framed)


def parse_record(cursor: Cursor, data: bytes | bytearray, *, most: int = MAX_BODY) -> Record:
    """The record at the cursor; NzipFormatError if its body has more than ``most`` bytes."""
    start = cursor.position
    if cursor.byte() != LEAD:
        raise NzipFormatError("no record where one must begin")
    record_type = cursor.byte()
    if record_type == RecordType.END_ONE:
        return Record(record_type, b"")
    size = cursor.varint()
    if size > most:
        raise NzipFormatError(f"a record's body has {size} bytes, more than {most}")
    end = cursor.position + size
    if len(data) < end + 4:
        raise ShortInputError
    with memoryview(data) as view:  # a forged size must not cost copies
        body_start, cursor.position = cursor.position, end + 4
        if view[end : end + 4] != check32(view[start:end]):
            raise NzipChecksumError("a record's header is damaged")
        return Record(record_type, bytes(view[body_start:end]))
