"""What other levels would make of a job's files, measured on a few of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import NamedTuple

from nzip.archive.batch.ledger import Ledger
from nzip.archive.batch.place import Place
from nzip.archive.batch.tables import DONE, PENDING
from nzip.archive.regular import only_regular
from nzip.oneshot import compress

LEVELS = (1, 3, 4, 6, 8)
SAMPLE = 1 << 18  # bytes, of many files
PIECE = 1 << 15  # bytes of one file

_FILES = 1000  # asked for; more than make a sample, unless they are tiny


class Point(NamedTuple):
    """A level's bytes of archive for a byte of source, and bytes of source a second on one thread."""

    level: int
    ratio: float
    speed: float


def take_sample(ledger: Ledger) -> list[bytes]:
    """The beginnings of files from all over the job; those that cannot be read are passed over."""
    rows = ledger.database.execute(
        "SELECT path FROM files WHERE run = ? AND state IN (?, ?) AND size > 0"
        " ORDER BY id * 2654435761 % 4294967296 LIMIT ?",  # no order that files have by themselves
        (ledger.run, DONE, PENDING, _FILES),
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
    """Each level on the pieces one by one; ``say`` is told a level before it is measured."""
    plain = sum(map(len, pieces))
    points = []
    for level in LEVELS if plain else ():
        say(level)
        compress(pieces[0], level)  # models and primes are loaded by now
        start = time.perf_counter()
        coded = sum(len(compress(piece, level)) for piece in pieces)
        points.append(Point(level, coded / plain, plain / (time.perf_counter() - start)))
    return points
