"""What a job's ledger tells of it."""

from __future__ import annotations

import os
import sqlite3
from typing import Any, NamedTuple

from nzip.archive.batch import ledger_tables
from nzip.archive.batch.ledger_tables import DONE, FAILED, GONE, PENDING, SKIPPED, DamageError
from nzip.archive.batch.place import Place
from nzip.archive.batch.wish import Wish


class Count(NamedTuple):
    """Files in one state."""

    files: int = 0
    size: int = 0
    coded: int = 0


class LedgerReader:
    """An open ledger, for those who only ask. Another process may write meanwhile."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database
        self.is_new = ledger_tables.is_new(database)
        self.run = 0  # the last one
        if not self.is_new:
            ledger_tables.check(database)
            self.run = self.scalar("SELECT coalesce(max(id), 0) FROM runs")

    def scalar(self, query: str, *values: Any) -> Any:
        """The first column of the first row."""
        return self.database.execute(query, values).fetchone()[0]

    @property
    def place(self) -> Place:
        """Where the job's files are."""
        return Place(*map(os.fsdecode, self.database.execute("SELECT source, target FROM job").fetchone()))

    @property
    def wish(self) -> Wish:
        """What the job is for."""
        try:
            return Wish.from_json(self.scalar("SELECT wish FROM job"))
        except ValueError as error:
            raise DamageError(f"it wishes what no job can: {error}") from None

    def counts(self) -> dict[str, Count]:
        """The job's files by state."""
        rows = self.database.execute(
            "SELECT state, count(*), total(size), total(coded) FROM files WHERE run >= ? GROUP BY state",
            (self.since,),
        )
        return dict.fromkeys((PENDING, DONE, FAILED, SKIPPED, GONE), Count()) | {
            state: Count(*map(int, numbers)) for state, *numbers in rows
        }

    @property
    def archives(self) -> int:
        """How many archives of several files there are."""
        count: int = self.scalar("SELECT count(*) FROM archives")
        return count

    @property
    def last_archive(self) -> int:
        """The number of the last of them; 0 without any."""
        number: int = self.scalar("SELECT coalesce(max(id), 0) FROM archives")
        return number

    @property
    def since(self) -> int:
        """The run from which on a file was met if it is part of the job, as far as that is known by now."""
        run: int = self.scalar("SELECT coalesce(max(id), 0) FROM runs WHERE entered")
        return run

    @property
    def warnings(self) -> int:
        """How many files are done, but not in every way."""
        files: int = self.scalar(
            "SELECT count(*) FROM files WHERE run >= ? AND state = ? AND error IS NOT NULL", self.since, DONE
        )
        return files

    def reasons(self, state: str, most: int) -> list[tuple[str, str]]:
        """The paths of up to ``most`` files in a state, and why they are."""
        rows = self.database.execute(
            "SELECT path, coalesce(error, '') FROM files WHERE run >= ? AND state = ? ORDER BY path LIMIT ?",
            (self.since, state, most),
        )
        return [(os.fsdecode(path), reason) for path, reason in rows]
