"""The records from which damaged bytes of a stream are restored."""

from __future__ import annotations

from typing import NamedTuple

from nzip.errors import NzipFormatError
from nzip.format.checksum import check32
from nzip.format.cursor import Cursor, ShortInputError
from nzip.format.fields import encode_varint
from nzip.format.limits import MAX_BODY
from nzip.format.record import encode_record
from nzip.format.registry import RecordType

CHECK_SIZE = 4
MAX_TOTAL = 256  # columns and parities


class Geometry(NamedTuple):
    """How the bytes of a stream are protected: cut into slices, every ``rows``-th of which is in one row.

    Slice number ``c * rows + r`` is column c of row r. Bytes that the last slice lacks, and slices behind it,
    count as zeros.
    """

    size: int  # bytes that are protected, from the stream's first on
    slice_size: int  # bytes
    rows: int
    parities: int  # of each row

    @property
    def columns(self) -> int:
        return -(-self.size // (self.slice_size * self.rows))

    @property
    def percent(self) -> float:
        """Percent of the bytes that may be lost in one place, recovery records included; at most 100."""
        return min(max(0, 100 * (self.parities - 2) / self.columns), 100)

    def check(self) -> None:
        """Raises NzipFormatError for a geometry that no writer may choose."""
        if (
            not 1 <= self.slice_size <= MAX_BODY
            or not 1 <= self.rows <= -(-self.size // self.slice_size)
            or not self.parities
            or self.columns + self.parities > MAX_TOTAL
        ):
            raise NzipFormatError("recovery records that protect nothing")


class RecoveryPart(NamedTuple):
    """One parity slice of each of some rows, and checks that tell which slices of these rows are damaged."""

    identity: int  # the XXH3 of all that is protected
    geometry: Geometry
    distance: int  # from the stream's start to this record
    parity: int  # which parity of the rows it is, from 0
    first_row: int
    row_count: int
    checks: bytes  # of the slices of these rows, column by column: the lowest 32 bits of their XXH3
    data: bytes  # a slice for each row

    def encode(self) -> bytes:
        numbers = (*self.geometry, self.distance, self.parity, self.first_row, self.row_count)
        body = self.identity.to_bytes(8, "little") + b"".join(map(encode_varint, numbers))
        return encode_record(RecordType.RECOVERY, body + self.checks + self.data)


def parse_recovery(body: bytes) -> RecoveryPart:
    """What the record's body holds. NzipFormatError when it breaks a rule."""
    cursor = Cursor(body)
    try:
        identity = cursor.uint(8)
        geometry = Geometry(cursor.varint(), cursor.varint(), cursor.varint(), cursor.varint())
        distance, parity, first, count = (cursor.varint() for _ in range(4))
        geometry.check()
        if parity >= geometry.parities or not count or first + count > geometry.rows:
            raise NzipFormatError("a recovery record for rows that are not there")
        checks = cursor.take(CHECK_SIZE * geometry.columns * count)
        data = cursor.take(geometry.slice_size * count)
    except ShortInputError:
        raise NzipFormatError("a recovery record ends inside a field") from None
    if cursor.remaining:
        raise NzipFormatError("a recovery record with bytes left over")
    return RecoveryPart(identity, geometry, distance, parity, first, count, checks, data)


def slice_check(data: bytes) -> bytes:
    """The check of a slice."""
    return check32(data)
