"""How holes of a file are written down."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from nzip.errors import NzipFormatError
from nzip.format.cursor import MAX_VARINT_BYTES
from nzip.format.fields import encode_varint
from nzip.format.limits import MAX_ENTRIES, MAX_SIZE

MAX_HOLES = MAX_ENTRIES  # of a file
MAX_HOLES_BYTES = 2 * MAX_VARINT_BYTES * MAX_HOLES


class Hole(NamedTuple):
    """Bytes that a file system does not keep, for they are zeros."""

    start: int
    size: int


def encode_holes(holes: Iterable[Hole]) -> bytes:
    """The bytes between them and their sizes, in turn."""
    out, end = bytearray(), 0
    for start, size in holes:
        out += encode_varint(start - end) + encode_varint(size)
        end = start + size
    return bytes(out)


def parse_holes(numbers: Iterable[int]) -> tuple[Hole, ...]:
    """Those that such numbers say; NzipFormatError where no file has them."""
    holes: list[Hole] = []
    end, rest = 0, iter(numbers)
    for gap in rest:
        start, size = end + gap, next(rest, 0)
        end = start + size
        if size == 0 or (gap == 0 and holes) or end > MAX_SIZE or len(holes) == MAX_HOLES:
            raise NzipFormatError("the holes of a file are not as they may be written")
        holes.append(Hole(start, size))
    return tuple(holes)
