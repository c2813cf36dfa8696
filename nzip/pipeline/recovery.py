"""Recovery records of a stream that is written."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, BinaryIO, cast

import xxhash

from nzip.format.recovery import MAX_TOTAL, Geometry, RecoveryPart, slice_check

if TYPE_CHECKING:
    from tempfile import SpooledTemporaryFile

    from nzip.pipeline.erasure import Sums

MAX_SLICE = 1 << 14
BATCH = 1 << 17  # bytes of parity in a record, about
SPOOL = 32 << 20  # bytes of a stream that are held in memory; what is more goes to a temporary file
RECOVERY_MEMORY = SPOOL + SPOOL // 2 + MAX_TOTAL * BATCH // 2
_CHECK = 4
_RECORD = 40  # bytes of a record, data and checks aside, about


def choose_geometry(size: int, percent: float) -> Geometry:
    """The cheapest one that restores a share of the bytes, in percent, lost in one place wherever it is."""
    share = percent / 100
    most = min(size, int((MAX_TOTAL - 3) / (1 + share)))
    return min(
        (_geometry(size, columns, share) for columns in range(1, most + 1)),
        key=lambda geometry: (
            geometry.parities * (geometry.rows * (geometry.slice_size + _CHECK * geometry.columns) + _RECORD)
        ),
    )


def _geometry(size: int, columns: int, share: float) -> Geometry:
    rows = -(-size // (columns * MAX_SLICE))
    slice_size = -(-size // (columns * rows))
    # A range that is no longer than n slices touches n + 1, and another record where it ends among them.
    return Geometry(size, slice_size, rows, math.ceil(share * columns) + 2)


@cache  # nothing can be imported when Python ends
def _tools() -> tuple[type[SpooledTemporaryFile[bytes]], type[Sums]]:
    """What is seldom needed, and takes a while to import."""
    from tempfile import SpooledTemporaryFile

    from nzip.pipeline.erasure import Sums

    return SpooledTemporaryFile, Sums


class RecoveryMaker:
    """Takes a stream's bytes and makes its recovery records."""

    def __init__(self) -> None:
        self._new_file, self._new_sums = _tools()
        self._bytes = cast(BinaryIO, self._new_file(max_size=SPOOL))  # closed with this
        self._hash = xxhash.xxh3_64()
        self.size = 0

    def take(self, data: bytes | bytearray) -> None:
        """The next bytes of the stream. An error names the folder of temporary files."""
        try:
            self._bytes.write(data)
        except OSError as error:
            from tempfile import gettempdir

            error.filename = gettempdir()
            raise
        self._hash.update(data)
        self.size += len(data)

    def keep(self) -> None:
        """Puts what was taken into another file: the garbage collector closes those that it finds."""
        taken = self.stream()
        self._bytes = cast(BinaryIO, self._new_file(max_size=SPOOL))
        while data := taken.read(BATCH):
            self._bytes.write(data)

    @property
    def identity(self) -> int:
        """The XXH3 of what was taken."""
        return self._hash.intdigest()

    def stream(self) -> BinaryIO:
        """What was taken, from its start."""
        self._bytes.seek(0)
        return self._bytes

    def records(self, geometry: Geometry) -> Iterator[bytes]:
        """One after another, to be written behind what was taken.

        The parities of a row are as far from each other as that can be.
        """
        count = max(1, BATCH // geometry.slice_size)
        batches = range(0, geometry.rows, count)
        width = geometry.slice_size * min(count, geometry.rows)
        checks = []
        with self._new_file(max_size=SPOOL // 2) as parities:
            for first in batches:
                size = geometry.slice_size * min(count, geometry.rows - first)
                sums = self._new_sums(range(geometry.parities), size)
                seen = b""
                for column, data in enumerate(self._columns(geometry, first, size)):
                    sums.add(column, data)
                    seen += b"".join(
                        slice_check(data[at : at + geometry.slice_size])
                        for at in range(0, size, geometry.slice_size)
                    )
                checks.append(seen)
                for parity in range(geometry.parities):
                    parities.write(sums[parity].ljust(width, b"\0"))
            distance = self.size
            for parity in range(geometry.parities):
                for number, first in enumerate(batches):
                    parities.seek((number * geometry.parities + parity) * width)
                    rows = min(count, geometry.rows - first)
                    data = parities.read(rows * geometry.slice_size)
                    part = RecoveryPart(
                        self.identity, geometry, distance, parity, first, rows, checks[number], data
                    )
                    record = part.encode()
                    distance += len(record)
                    yield record

    def _columns(self, geometry: Geometry, first: int, size: int) -> Iterator[bytes]:
        """Of the rows from one on, as many as that makes bytes."""
        for column in range(geometry.columns):
            self._bytes.seek((column * geometry.rows + first) * geometry.slice_size)
            yield self._bytes.read(size).ljust(size, b"\0")
