"""How the holes of a file are written into records: pairs of gap and size, all varints."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import NamedTuple

from nzip.errors import NzipFormatError
from nzip.format.cursor import MAX_VARINT_BYTES, ShortInputError, split_varints
from nzip.format.fields import encode_varint
from nzip.format.limits import MAX_ENTRIES, MAX_SIZE

MAX_HOLES = MAX_ENTRIES  # that a file has
HOLE_MEMORY = 150  # bytes that each coded byte of holes becomes at most
MAX_HOLES_BYTES = 2 * MAX_VARINT_BYTES * MAX_HOLES


class Hole(NamedTuple):
    """A range of zeros that a file system does not keep, in bytes of the plaintext."""

    start: int
    size: int

    @property
    def end(self) -> int:
        return self.start + self.size


def encode_holes(holes: Iterable[Hole]) -> bytes:
    """For each hole the bytes between it and the hole before (or the file's start), and its size."""
    out, end = bytearray(), 0
    for start, size in holes:
        out += encode_varint(start - end) + encode_varint(size)
        end = start + size
    return bytes(out)


def encode_hole_lists(lists: Iterable[tuple[Hole, ...]]) -> bytes:
    """The holes of several files, each behind their count; no bytes at all where no file has a hole."""
    lists = list(lists)
    return b"".join(encode_varint(len(holes)) + encode_holes(holes) for holes in lists) if any(lists) else b""


def parse_hole_lists(data: bytes, count: int, spend: Callable[[int], None]) -> list[tuple[Hole, ...]]:
    """The holes of ``count`` files, as ``encode_hole_lists`` wrote them.

    ``spend`` is told, before the holes are made, how many bytes of memory they take at most.
    Raises NzipFormatError where the data are not the holes of ``count`` files.
    """
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
    """The holes that gaps and sizes say, in turn; NzipFormatError where no file can have such holes."""
    holes: list[Hole] = []
    end, rest = 0, iter(numbers)
    for gap in rest:
        start, size = end + gap, next(rest, 0)
        end = start + size
        if size == 0 or (gap == 0 and holes) or end > MAX_SIZE or len(holes) == MAX_HOLES:
            raise NzipFormatError("the holes of a file are not as they may be written")
        holes.append(Hole(start, size))
    return tuple(holes)
