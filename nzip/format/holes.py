"""How holes of a file are written down."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import NamedTuple

from nzip.errors import NzipFormatError
from nzip.format.cursor import MAX_VARINT_BYTES, ShortInputError, split_varints
from nzip.format.fields import encode_varint
from nzip.format.limits import MAX_ENTRIES, MAX_SIZE

MAX_HOLES = MAX_ENTRIES  # of a file
HOLE_MEMORY = 150  # bytes that each coded byte of holes becomes at most
MAX_HOLES_BYTES = 2 * MAX_VARINT_BYTES * MAX_HOLES


class Hole(NamedTuple):
    """Bytes that a file system does not keep, for they are zeros."""

    start: int
    size: int

    @property
    def end(self) -> int:
        return self.start + self.size


def encode_holes(holes: Iterable[Hole]) -> bytes:
    """The bytes between them and their sizes, in turn."""
    out, end = bytearray(), 0
    for start, size in holes:
        out += encode_varint(start - end) + encode_varint(size)
        end = start + size
    return bytes(out)


def encode_hole_lists(lists: Iterable[tuple[Hole, ...]]) -> bytes:
    """The holes of several files; nothing where none has any."""
    lists = list(lists)
    return b"".join(encode_varint(len(holes)) + encode_holes(holes) for holes in lists) if any(lists) else b""


def parse_hole_lists(data: bytes, count: int, spend: Callable[[int], None]) -> list[tuple[Hole, ...]]:
    """Those of so many files; ``spend`` is told, before they are made, how many bytes of memory they take."""
    if not data:
        return [()] * count
    spend(HOLE_MEMORY * len(data))
    try:
        numbers = iter(split_varints(data))
    except ShortInputError:
        raise NzipFormatError("the holes of files end inside a number") from None
    lists = []
    for _ in range(count):
        expected = next(numbers, MAX_HOLES + 1)
        holes = parse_holes(islice(numbers, 2 * expected)) if expected <= MAX_HOLES else ()
        if len(holes) != expected:
            raise NzipFormatError("the holes of files are fewer or more than it is said")
        lists.append(holes)
    if next(numbers, None) is not None:
        raise NzipFormatError("there are holes of more files than there are")
    return lists


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
