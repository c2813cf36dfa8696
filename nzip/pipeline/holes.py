"""Holes of files: found and not read, left out again and not written."""

from __future__ import annotations

import errno
import os
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import BinaryIO

from nzip import _native
from nzip.format.holes import MAX_HOLES, Hole
from nzip.format.limits import MAX_SIZE

PAGE = 1 << 12  # bytes that are a hole or none, on most file systems
EVERYWHERE = (Hole(0, MAX_SIZE),)

_PIECE = 1 << 18  # bytes of zeros that are read at a time
_ZEROS = bytes(_PIECE)


def find_holes(file: BinaryIO) -> tuple[Hole, ...]:
    """The first holes of a regular file; none where its file system, or the system, cannot tell."""
    holes: list[Hole] = []
    # Whatever is wrong, as with files of /proc that cannot be sought in: who reads the file is told.
    with suppress(OSError):
        descriptor = file.fileno()
        before = os.lseek(descriptor, 0, os.SEEK_CUR)
        try:
            holes += islice(_holes(descriptor, os.fstat(descriptor).st_size), MAX_HOLES)
        finally:
            os.lseek(descriptor, before, os.SEEK_SET)
    return tuple(holes)


def _holes(descriptor: int, size: int) -> Iterator[Hole]:
    end = 0
    while hasattr(os, "SEEK_HOLE") and (start := os.lseek(descriptor, end, os.SEEK_HOLE)) < size:
        end = _next_data(descriptor, start, size)
        yield Hole(start, end - start)


def _next_data(descriptor: int, start: int, size: int) -> int:
    try:
        return min(size, os.lseek(descriptor, start, os.SEEK_DATA))
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise
        return size  # nothing but the hole is left


class HoleReader:
    """Reads a file from its start, in order; of its holes it only knows that they are zeros."""

    def __init__(self, file: BinaryIO, holes: Iterable[Hole]) -> None:
        self._file = file
        self._holes = deque(holes)
        self._position = 0

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most ``size``; b"" at the file's end."""
        start, length = self._holes[0] if self._holes else (None, 0)
        if start is None or self._position < start:
            data = self._file.read(size if start is None else min(size, start - self._position))
        else:
            data = _ZEROS[: min(size, start + length - self._position)]
            if self._position + len(data) == start + length:
                self._holes.popleft()
                self._file.seek(start + length)
        self._position += len(data)
        return data


class HoleWriter:
    """Writes a new file from its start, in order; zeros where a hole may be are not written."""

    def __init__(self, file: BinaryIO, holes: Iterable[Hole]) -> None:
        self._file = file
        self._holes = deque(holes)
        self._position = 0

    def write(self, data: bytes | bytearray | memoryview) -> int:
        with memoryview(data).cast("B") as view:
            at = 0
            while at < len(view):
                at += self._write_some(view[at:])
            return at

    def _write_some(self, data: memoryview) -> int:
        start, size = self._holes[0] if self._holes else (MAX_SIZE, 0)
        is_hole = self._position >= start
        left = start + size - self._position if is_hole else start - self._position
        data = data[:left]
        zeros = _native.count_repeated(b"\0", data) if is_hole else 0
        if zeros >= min(PAGE, len(data)) > 0:
            done = zeros
            self._file.seek(zeros, os.SEEK_CUR)
        else:
            done = min(len(data), PAGE - self._position % PAGE) if is_hole else len(data)
            self._file.write(data[:done])
        self._position += done
        if is_hole and done == left:
            self._holes.popleft()
        return done

    def finish(self) -> None:
        """Gives the file its size, which may end in a hole."""
        self._file.truncate(self._position)
