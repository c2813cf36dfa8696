"""What a report says of a job, as numbers."""

from __future__ import annotations

import os
from dataclasses import dataclass

from nzip.archive.batch.ledger_reader import Count, LedgerReader
from nzip.archive.batch.ledger_tables import DONE, FAILED, GONE, PENDING, SKIPPED
from nzip.archive.batch.place import Place

LISTED = 10  # of the largest files, and of those that shrank least
REASONS = 200  # of files that failed
TYPES = 12  # the rest is summed up
SMALL = 1 << 10  # bytes; what is smaller may well not shrink, and says nothing

_REST = "others"


@dataclass(frozen=True)
class Share:
    """Some of the job's files: what is done of them, and what is left."""

    name: str
    done: Count
    left: Count
    seconds: float  # of one thread
    worked: int  # bytes of source that these were spent on; the rest of what is done was there already

    @property
    def speed(self) -> float | None:
        """Bytes of source a second and thread; None where nothing was done."""
        return self.worked / self.seconds if self.seconds and self.worked else None

    @property
    def ratio(self) -> float | None:
        """Bytes of archive for a byte of source."""
        return self.done.coded / self.done.size if self.done.size else None


@dataclass(frozen=True)
class FileRow:
    """A file that is done."""

    path: str
    size: int
    coded: int
    seconds: float | None  # None: it was there already


@dataclass(frozen=True)
class Estimate:
    """What the pending files will come to, if they are like those of their type that are done."""

    coded: int
    seconds: float


@dataclass(frozen=True)
class Numbers:
    """All of it."""

    place: Place
    runs: int
    is_entered: bool  # or the last run has still to find files
    worked_at: float | None  # when the last file was done, in seconds since 1970
    counts: dict[str, Count]
    archives: int  # of several files; 0 where each has its own
    total: Share
    types: list[Share]
    settings: list[Share]
    largest: list[FileRow]
    worst: list[FileRow]
    reasons: dict[str, list[tuple[str, str]]]
    estimate: Estimate | None


def collect(ledger: LedgerReader) -> Numbers:
    """What the ledger has to say of its job now."""
    ledger.database.create_function("type", 1, _type, deterministic=True)
    types = _shares(ledger, "type(path)")
    total = _sum("all", types)
    return Numbers(
        place=ledger.place,
        runs=ledger.run,
        is_entered=ledger.run == ledger.since,
        worked_at=ledger.scalar("SELECT max(finished) FROM files"),
        counts=ledger.counts(),
        archives=ledger.archives,
        total=total,
        types=[*types[:TYPES], *([_sum(_REST, types[TYPES:])] if types[TYPES:] else [])],
        settings=_shares(ledger, "(SELECT text FROM settings WHERE settings.id = setting)"),
        largest=_files(ledger, "size > 0 ORDER BY size DESC"),
        worst=_files(ledger, f"size >= {SMALL} ORDER BY coded * 1.0 / size DESC, size DESC"),
        reasons={state: ledger.reasons(state, REASONS) for state in (FAILED, SKIPPED, GONE)},
        estimate=_estimate(ledger, types, total),
    )


def _type(path: str | bytes) -> str:
    return os.path.splitext(os.fsdecode(path))[1].lower().encode("utf-8", "replace").decode() or "no suffix"


def _shares(ledger: LedgerReader, key: str) -> list[Share]:
    """The files by some key, those with most bytes first."""
    rows = ledger.database.execute(
        f"SELECT {key}, sum(state = ?1), total((state = ?1) * size), total((state = ?1) * coded),"
        " sum(state = ?2), total((state = ?2) * size), total((state = ?1) * (seconds + verify_seconds)),"
        " total((state = ?1) * size * (seconds NOTNULL))"
        " FROM files WHERE run >= ?3 AND state IN (?1, ?2) GROUP BY 1 ORDER BY total(size) DESC, 1",
        (DONE, PENDING, ledger.since),
    )
    return [
        Share(name, Count(files, int(size), int(coded)), Count(left, int(left_size)), seconds, int(worked))
        for name, files, size, coded, left, left_size, seconds, worked in rows
    ]


def _sum(name: str, shares: list[Share]) -> Share:
    done = Count(*(sum(each.done[field] for each in shares) for field in range(3)))
    left = Count(*(sum(each.left[field] for each in shares) for field in range(3)))
    seconds, worked = sum(each.seconds for each in shares), sum(each.worked for each in shares)
    return Share(name, done, left, seconds, worked)


def _files(ledger: LedgerReader, which: str) -> list[FileRow]:
    rows = ledger.database.execute(
        "SELECT path, size, coded, seconds + verify_seconds FROM files"
        f" WHERE run >= ? AND state = ? AND {which} LIMIT ?",
        (ledger.since, DONE, LISTED),
    )
    return [FileRow(os.fsdecode(path), *numbers) for path, *numbers in rows]


def _estimate(ledger: LedgerReader, types: list[Share], total: Share) -> Estimate | None:
    if total.ratio is None or total.speed is None or not total.left.files:
        return None
    coded = sum(each.left.size * (each.ratio or total.ratio) for each in types)
    seconds = sum(each.left.size / (each.speed or total.speed) for each in types)
    return Estimate(round(coded), seconds / _threads(ledger))


def _threads(ledger: LedgerReader) -> float:
    """How many files were in work at a time, on average, in the last run that got anything done."""
    row = ledger.database.execute(
        "SELECT total(seconds + verify_seconds), worked FROM files,"
        " (SELECT begun, worked FROM runs WHERE worked > 0 ORDER BY id DESC LIMIT 1) WHERE step > begun"
    ).fetchone()
    seconds, worked = row if row[1] else (1.0, 1.0)
    return float(max(0.01, seconds / worked))
