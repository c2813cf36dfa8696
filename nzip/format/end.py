"""The end record of a stream: its totals, at a fixed distance from its last byte."""

from __future__ import annotations

import struct
from typing import NamedTuple

from nzip.errors import NzipFormatError
from nzip.format.record import encode_record
from nzip.format.registry import RecordType

_BODY = struct.Struct("<QQQQ")
END_SIZE = 2 + 1 + _BODY.size + 4  # lead and type, body length, body, check


class End(NamedTuple):
    """What must agree with the blocks that came before."""

    plain_size: int  # of all blocks
    checksum: int  # XXH3-64 over the blocks' checksums, in order, and plain_size: 8 bytes each
    stream_size: int  # bytes of the stream, this record included
    index_size: int  # bytes of the index record, which ends where this one begins; 0: no index

    def encode(self) -> bytes:
        return encode_record(RecordType.END, _BODY.pack(*self))


def parse_end(body: bytes) -> End:
    """The totals in an end record's body."""
    if len(body) != _BODY.size:
        raise NzipFormatError(f"an end record of {len(body)} bytes instead of {_BODY.size}")
    return End(*_BODY.unpack(body))
