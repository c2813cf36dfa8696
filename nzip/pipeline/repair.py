"""Restoring a damaged file by its recovery records."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import BinaryIO

from nzip.errors import NzipChecksumError, NzipError, NzipFormatError
from nzip.format.damaged import walk_damaged
from nzip.format.limits import MAX_BODY
from nzip.format.record import Record
from nzip.format.recovery import CHECK_SIZE, Geometry, RecoveryPart, parse_recovery, slice_check
from nzip.format.registry import RecordType
from nzip.format.scan import closing_records, scan_file
from nzip.pipeline.recovery import SPOOL, RecoveryMaker
from nzip.streams import read_all, read_some, write_all

COPY_SIZE = 1 << 18

# A set of records may claim to protect any number of bytes; one that protects more than this many times the
# file's has lost too much of it anyway.
MOST_OF_FILE = 2


def has_recovery(file: BinaryIO) -> bool:
    """Whether there are recovery records in a file, whatever is damaged beside them."""
    file.seek(0)
    return any(True for _ in _parts(file))


def _parts(file: BinaryIO) -> Iterator[tuple[RecoveryPart, int, int]]:
    """All that are intact, each with where its record and its data begin."""
    for found in walk_damaged(file, MAX_BODY):
        if isinstance(found.structure, Record) and found.structure.type == RecordType.RECOVERY:
            with suppress(NzipFormatError):
                part = parse_recovery(found.structure.body)
                yield part, found.start, found.end - CHECK_SIZE - len(part.data)


def _apart(streams: Iterable[_Stream]) -> Iterator[_Stream]:
    """Of streams that overlap the largest: what it holds may have recovery records of its own."""
    last: _Stream | None = None
    for stream in streams:
        if last is None or stream.start >= last.end:
            if last is not None:
                yield last
            last = stream
        elif stream.size > last.size:
            last = stream
    if last is not None:
        yield last


@dataclass
class _Batch:
    """Some rows, and what is there of them."""

    first: int
    count: int
    checks: bytes
    parities: dict[int, int] = field(default_factory=dict)  # by their numbers: where they are in the file


class Repair:
    """What recovery records can do for a file, which must be one that can be sought in.

    Raises NzipFormatError when it has none. Nothing is written before ``write``.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = file.seek(0, os.SEEK_END)
        self._streams = self._find_streams()
        end = 0
        for stream in self._streams:
            stream.examine(end)
            end = stream.end
        self.damaged = sum(len(stream.restored) + stream.lost for stream in self._streams)  # slices
        self.lost = sum(stream.lost for stream in self._streams)  # of these, those that cannot be restored
        self.is_intact = not self.damaged and self._has_structure()

    def _find_streams(self) -> list[_Stream]:
        self._file.seek(0)
        streams: dict[tuple[int, Geometry], _Stream] = {}
        for part, start, data in _parts(self._file):
            if part.geometry.size > MOST_OF_FILE * self._size:
                continue
            key = part.identity, part.geometry
            if key not in streams:
                streams[key] = _Stream(self._file, *key)
            streams[key].take(part, start, data)
        if not streams:
            raise NzipFormatError("has no recovery records; --salvage restores what is intact")
        return list(_apart(sorted(streams.values(), key=lambda stream: stream.start)))

    def _has_structure(self) -> bool:
        self._file.seek(0)
        with suppress(NzipError):
            scan_file(self._file)
            return True
        return False

    def write(self, dst: BinaryIO) -> bool:
        """Writes the file with all that could be restored; whether that is everything.

        Streams without recovery records are copied. Raises NzipChecksumError when the records are not those
        of what they restore.
        """
        position = 0
        is_whole = True
        for stream in self._streams:
            self._copy(dst, position, stream.begin)
            position, is_restored = stream.write(dst)
            is_whole &= is_restored
        self._copy(dst, position, self._size)
        return is_whole

    def _copy(self, dst: BinaryIO, start: int, end: int) -> None:
        self._file.seek(max(0, start))
        while start < end and (data := read_some(self._file, min(end - start, COPY_SIZE))):
            write_all(dst, data)
            start += len(data)


class _Stream:
    """A stream that has recovery records."""

    def __init__(self, file: BinaryIO, identity: int, geometry: Geometry) -> None:
        self._file = file
        self._identity = identity
        self._geometry = geometry
        self._batches: dict[int, _Batch] = {}  # by their first rows
        self._starts: Counter[int] = Counter()
        self._shifted: set[int] = set()  # slices that count from the front
        self._front = 0
        # The slices that were restored.
        self._spool = SpooledTemporaryFile(max_size=SPOOL)  # noqa: SIM115 - closed with this
        self.restored: dict[int, int] = {}  # slices: where they are in there
        self.lost = 0  # slices

    def take(self, part: RecoveryPart, start: int, data: int) -> None:
        """A record that begins in the file at ``start``, and its data at ``data``."""
        self._starts[start - part.distance] += 1
        batch = self._batches.setdefault(part.first_row, _Batch(part.first_row, part.row_count, part.checks))
        if (batch.count, batch.checks) == (part.row_count, part.checks):
            batch.parities.setdefault(part.parity, data)

    @property
    def start(self) -> int:
        """Where it begins in the file, seen from its records; negative where bytes are missing."""
        return self._starts.most_common(1)[0][0]

    @property
    def begin(self) -> int:
        """Where it begins in the file, seen from before it."""
        return self._front if self._shifted else self.start

    @property
    def size(self) -> int:
        return self._geometry.size

    @property
    def end(self) -> int:
        """Where what is protected ends in the file."""
        return self.start + self._geometry.size

    def examine(self, front: int) -> None:
        """Finds and restores what is damaged. It begins at ``front`` if bytes are missing or were added."""
        self._front = front
        for batch in self._batches.values():
            for row in range(batch.count):
                self._examine_row(batch, row)

    def _examine_row(self, batch: _Batch, row: int) -> None:
        def check(column: int) -> bytes:
            at = CHECK_SIZE * (column * batch.count + row)
            return batch.checks[at : at + CHECK_SIZE]

        columns = self._geometry.columns
        numbers = [column * self._geometry.rows + batch.first + row for column in range(columns)]
        missing = [column for column in range(columns) if not self._find(numbers[column], check(column))]
        if not missing:
            return
        restored: list[bytes] = []
        if len(missing) <= len(batch.parities):
            from nzip.pipeline.erasure import restore  # NumPy takes a while to import

            parities = {
                parity: self._read(data + row * self._geometry.slice_size)
                for parity, data in list(batch.parities.items())[: len(missing)]
            }
            intact = (
                (column, self._slice(numbers[column])) for column in set(range(columns)).difference(missing)
            )
            restored = restore(intact, parities, missing)
        if not restored or any(
            slice_check(data) != check(column) for column, data in zip(missing, restored, strict=True)
        ):
            self.lost += len(missing)
            return
        for column, data in zip(missing, restored, strict=True):
            self._spool.seek(0, os.SEEK_END)
            self.restored[numbers[column]] = self._spool.tell()
            self._spool.write(data)

    def _find(self, number: int, check: bytes) -> bool:
        """Whether a slice is intact, in its place or in that which it has from the front."""
        if slice_check(self._slice(number)) == check:
            return True
        self._shifted.add(number)
        if slice_check(self._slice(number)) == check:
            return True
        self._shifted.discard(number)
        return False

    def _slice(self, number: int) -> bytes:
        size, at = self._geometry.slice_size, number * self._geometry.slice_size
        if number in self.restored:
            self._spool.seek(self.restored[number])
            return self._spool.read(size)
        start = self._front if number in self._shifted else self.start
        return self._read(start + at, max(0, min(size, self._geometry.size - at)))

    def _read(self, start: int, size: int | None = None) -> bytes:
        """Bytes of the file as a slice; zeros where there are none."""
        whole = self._geometry.slice_size
        size = whole if size is None else size
        before = min(size, max(0, -start))
        self._file.seek(max(0, start))
        return (bytes(before) + read_all(self._file, size - before)).ljust(whole, b"\0")

    def write(self, dst: BinaryIO) -> tuple[int, bool]:
        """Writes what is protected, and when that is whole again the stream's end.

        Returns where in the file that ends, and whether it is whole.
        """
        geometry = self._geometry
        maker = RecoveryMaker()
        for number in range(-(-geometry.size // geometry.slice_size)):
            data = self._slice(number)[: geometry.size - number * geometry.slice_size]
            maker.take(data)
            write_all(dst, data)
        if maker.identity != self._identity:
            if self.lost or sum(batch.count for batch in self._batches.values()) < geometry.rows:
                return self.end, False
            raise NzipChecksumError("its recovery records are not those of what they restore")
        size = 0
        for record in maker.records(geometry):
            write_all(dst, record)
            size += len(record)
        closing = closing_records(maker.stream(), size)
        write_all(dst, closing)
        return self.end + size + len(closing), True
