"""What other levels would make of a job's files, measured on a few of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import NamedTuple

from nzip.archive.batch.ledger_reader import LedgerReader
from nzip.archive.batch.ledger_tables import DONE, PENDING
from nzip.archive.batch.place import Place
from nzip.archive.regular import only_regular
from nzip.oneshot import compress

LEVELS = (1, 3, 4, 6, 8)
SAMPLE = 1 << 18  # bytes, of many files
PIECE = 1 << 14  # bytes of one file
WARM_UP = 1 << 8  # bytes
SECONDS = 0.5  # for each level but the first, if it gets anything done

_FILES = 1000  # asked for; more than make a sample, unless they are tiny


class Point(NamedTuple):
    """A level's bytes of archive for a byte of source, and bytes of source a second on one thread."""

    level: int
    ratio: float
    speed: float


def take_sample(ledger: LedgerReader) -> list[bytes]:
    """The beginnings of files from all over the job; those that cannot be read are passed over."""
    rows = ledger.database.execute(
        "SELECT path FROM files WHERE run >= ? AND state IN (?, ?) AND size > 0"
        " ORDER BY id * 2654435761 % 4294967296 LIMIT ?",  # no order that files have by themselves
        (ledger.since, DONE, PENDING, _FILES),
    )
    pieces: list[bytes] = []
    for (path,) in rows.fetchall():
        if sum(map(len, pieces)) >= SAMPLE:
            break
        piece = _beginning(ledger.place, os.fsdecode(path))
        if piece:
            pieces.append(piece)
    return pieces


def _beginning(place: Place, path: str) -> bytes:
    try:
        with open(place.source_of(path), "rb", opener=only_regular) as file:
            return file.read(PIECE)
    except OSError:
        return b""


def measure_levels(pieces: list[bytes], say: Callable[[int], None]) -> list[Point]:
    """Each level on the pieces one by one; ``say`` is told a level before it is measured.

    Slow levels get through some of the pieces only. These may shrink better or worse than the others do, so
    their ratio is seen beside that of the first level, which is measured on all.
    """
    points: list[Point] = []
    first: list[int] = []  # coded bytes of each piece
    for level in LEVELS if pieces else ():
        say(level)
        compress(pieces[0][:WARM_UP], level)  # models and primes are loaded by now
        coded: list[int] = []
        start = time.perf_counter()
        for piece in pieces:
            coded.append(len(compress(piece, level)))
            if first and time.perf_counter() - start > SECONDS:
                break
        seconds = time.perf_counter() - start
        first = first or coded
        ratio = sum(coded) / sum(first[: len(coded)]) * sum(first) / sum(map(len, pieces))
        points.append(Point(level, ratio, sum(map(len, pieces[: len(coded)])) / seconds))
    return points
