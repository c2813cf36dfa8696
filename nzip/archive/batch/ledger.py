"""What a job knows of its files: a SQLite database that says at any moment what is done.

What happens to a file is on record before the job goes on, so a job that is killed repeats what was in
flight, and no more.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from nzip.archive.batch.ledger_reader import LedgerReader
from nzip.archive.batch.ledger_tables import DONE, FAILED, PENDING, SKIPPED, TABLES, DamageError
from nzip.archive.batch.pack import Packed, Task
from nzip.archive.batch.place import Place
from nzip.archive.batch.walk import Found, LeftOut
from nzip.archive.batch.wish import Wish
from nzip.errors import NzipError
from nzip.format.members import Member, is_member_path
from nzip.messages import printable

_PAGE = 500  # rows read at a time
_TRANSACTION = 10_000  # rows written at a time while files are found
_ABOVE_ALL = 2**63 - 1


class LedgerError(NzipError):
    """The ledger is damaged, another job's, or cannot be read or written. It names the file."""


class Ledger(LedgerReader):
    """An open ledger. One process writes; others may read meanwhile."""

    def __init__(self, database: sqlite3.Connection) -> None:
        super().__init__(database)
        self.is_unsure = False  # whether the machine may have stopped while the last run was at work
        self._step = 0
        if not self.is_new:
            self._step = self.scalar(
                "SELECT max((SELECT coalesce(max(step), 0) FROM files),"
                " (SELECT coalesce(max(step), 0) FROM archives), (SELECT coalesce(max(begun), 0) FROM runs))"
            )

    def begin(self, place: Place, wish: Wish) -> None:
        """Prepare for writing. The ledger serves one pair of folders for ever; the wish is what it now is."""
        self.database.execute("PRAGMA journal_mode = WAL")  # a change costs no wait for the disk
        self.database.execute("PRAGMA synchronous = NORMAL")
        if self.is_new:
            self.database.executescript(TABLES)  # begins a transaction: all of it is there, or nothing
            folders = _stored(place.source), _stored(place.target)
            self.database.execute("INSERT INTO job VALUES (?, ?, ?)", (*folders, wish.to_json()))
            self.database.execute("COMMIT")
        elif self.place != place:
            theirs = f"{printable(self.place.source)} to {printable(self.place.target)}"
            raise LedgerError(errno.EINVAL, f"is the ledger of another job: {theirs}")
        else:
            self.database.execute("UPDATE job SET wish = ?", (wish.to_json(),))

    def setting(self, text: str) -> int:
        """The number of a setting, given in words."""
        self.database.execute("INSERT OR IGNORE INTO settings (text) VALUES (?)", (text,))
        number: int = self.scalar("SELECT id FROM settings WHERE text = ?", text)
        return number

    def begin_run(self, engine: str) -> None:
        """What is entered from now on is what the job consists of."""
        boot = _boot()
        self.is_unsure = bool(
            self.scalar(
                "SELECT count(*) FROM runs WHERE id = ? AND ended IS NULL AND boot != ?", self.run, boot
            )
        )
        # A power cut may have taken archives that are on record and never came to the disk.
        unsure = "step > (SELECT synced FROM runs WHERE id = ? AND ended IS NULL AND boot != ?)"
        if self.run:
            os.sync()  # what a killed run made, so that none but this run is unsure from now on
        with self.transaction():
            self.database.execute(
                f"UPDATE files SET state = ? WHERE state = ? AND {unsure}", (PENDING, DONE, self.run, boot)
            )
            self._drop_archives(unsure, self.run, boot)
            self.run += 1
            self.database.execute(
                "INSERT INTO runs (id, engine, boot, started, begun, synced) VALUES (?, ?, ?, ?, ?, ?)",
                (self.run, engine, boot, time.time(), self._step, self._step),
            )

    def _drop_archives(self, which: str, *values: Any) -> None:
        """What is in them is to be done again."""
        inside = f"archive IN (SELECT id FROM archives WHERE {which})"
        self.database.execute(
            f"UPDATE files SET state = ? WHERE state = ? AND {inside}", (PENDING, DONE, *values)
        )
        self.database.execute(f"UPDATE files SET archive = NULL WHERE {inside}", values)
        self.database.execute(f"DELETE FROM archives WHERE {which}", values)

    def entered(self) -> None:
        """All files are entered."""
        self.database.execute("UPDATE runs SET entered = 1 WHERE id = ?", (self.run,))

    def worked(self, seconds: float) -> None:
        """So long has this run worked on files."""
        self.database.execute("UPDATE runs SET worked = ? WHERE id = ?", (seconds, self.run))

    def sync(self) -> None:
        """All archives on record are on the disk when this returns."""
        step = self._step
        os.sync()
        self.database.execute("UPDATE runs SET synced = ? WHERE id = ?", (step, self.run))

    def end_run(self) -> None:
        """The job has done what it could."""
        self.database.execute("UPDATE runs SET ended = ? WHERE id = ?", (time.time(), self.run))

    def _next_step(self) -> int:
        """Times would not do: a clock may be set back."""
        self._step += 1
        return self._step

    def enter(
        self,
        entries: Iterable[Found | LeftOut],
        setting_of: Callable[[str], int],
        is_kept: Callable[[str, int], bool],
    ) -> None:
        """Take up what was found. A file that is done stays so while it, its setting and its archive do.

        ``is_kept`` says whether the archive of a file, of so many bytes, is still there.
        """
        entries = iter(entries)
        while portion := list(islice(entries, _TRANSACTION)):
            with self.transaction():
                for entry in portion:
                    if isinstance(entry, LeftOut):
                        self._enter_left_out(entry)
                    else:
                        self._enter_file(entry, setting_of(entry.path), is_kept)

    def _enter_left_out(self, entry: LeftOut) -> None:
        self.database.execute(
            "INSERT INTO files (path, run, state, error) VALUES (?, ?, ?, ?) ON CONFLICT (path) DO UPDATE"
            " SET run = excluded.run, state = excluded.state, error = excluded.error",
            (_stored(entry.path), self.run, FAILED if entry.is_error else SKIPPED, entry.reason),
        )

    def _enter_file(self, file: Found, setting: int, is_kept: Callable[[str, int], bool]) -> None:
        path = _stored(file.path)
        known = self.database.execute(
            "SELECT state, size, mtime_ns, setting, coded, id FROM files WHERE path = ?", (path,)
        ).fetchone()
        if known is None:
            self.database.execute(
                "INSERT INTO files (path, run, state, setting, size, mtime_ns) VALUES (?, ?, ?, ?, ?, ?)",
                (path, self.run, PENDING, setting, file.size, file.mtime_ns),
            )
        elif known[:4] == (DONE, file.size, file.mtime_ns, setting) and is_kept(file.path, known[4]):
            self.database.execute("UPDATE files SET run = ? WHERE id = ?", (self.run, known[5]))
        else:
            self.database.execute(
                "UPDATE files SET run = ?, state = ?, setting = ?, size = ?, mtime_ns = ?, attempts = 0,"
                " error = NULL WHERE id = ?",
                (self.run, PENDING, setting, file.size, file.mtime_ns, known[5]),
            )

    def pending(self) -> Iterator[Task]:
        """What is to be done, the largest files first, each once, whatever becomes of it meanwhile."""
        last = _ABOVE_ALL, _ABOVE_ALL
        while rows := self.database.execute(
            "SELECT id, path, size, setting, claimed, attempts FROM files WHERE state = 'pending' AND run = ?"
            " AND (size, id) < (?, ?) ORDER BY size DESC, id DESC LIMIT ?",
            (self.run, *last, _PAGE),
        ).fetchall():
            for number, path, size, setting, claimed, attempts in rows:
                yield Task(
                    number, _path_below(path), size, setting, replaces=bool(claimed), tried=attempts > 0
                )
            last = size, number

    def pending_together(self, size: int, most: int) -> Iterator[list[Task]]:
        """The same in groups of one setting, by path, of at most ``most`` files and so many bytes.

        A larger file is alone.
        """
        settings = self.database.execute("SELECT id FROM settings ORDER BY id").fetchall()
        for (setting,) in settings:
            group: list[Task] = []
            room = size
            for task in self._pending_by_path(setting):
                if group and (task.size > room or len(group) == most):
                    yield group
                    group, room = [], size
                group.append(task)
                room -= task.size
            if group:
                yield group

    def _pending_by_path(self, setting: int) -> Iterator[Task]:
        last: str | bytes = ""
        while rows := self.database.execute(
            "SELECT id, path, size, attempts FROM files WHERE path > ? AND state = ? AND run = ?"
            " AND setting = ? ORDER BY path LIMIT ?",
            (last, PENDING, self.run, setting, _PAGE),
        ).fetchall():
            for number, path, size, attempts in rows:
                yield Task(number, _path_below(path), size, setting, replaces=False, tried=attempts > 0)
            last = path

    def claim(self, task: Task) -> None:
        """The archive's name is free, and is the job's own from now on."""
        self.database.execute("UPDATE files SET claimed = 1 WHERE id = ?", (task.id,))

    def complete(self, archive: int, coded: int) -> None:
        """An archive of several files has its name; what becomes of these follows."""
        self.database.execute("INSERT INTO archives VALUES (?, ?, ?)", (archive, coded, self._next_step()))

    def lose_archives(self, size_of: Callable[[int], int | None]) -> list[int]:
        """What is in archives that are not as they were made is to be done again; the numbers of these."""
        archives = self.database.execute("SELECT id, coded FROM archives").fetchall()
        lost = [number for number, coded in archives if size_of(number) != coded]
        with self.transaction():
            for number in lost:
                self._drop_archives("id = ?", number)
        return lost

    def has_archive(self, number: int) -> bool:
        """Whether an archive of several files is on record."""
        return bool(self.scalar("SELECT count(*) FROM archives WHERE id = ?", number))

    def found_in(self, archive: int, member: Member) -> tuple[Task, int, bool] | None:
        """The file that a member of an archive may be, its time, and whether another archive has it.

        None where the job has no such file, or has it in an archive with a higher number, so that what is in
        this one does not count.
        """
        row = self.database.execute(
            "SELECT id, size, setting, mtime_ns, state FROM files WHERE path = ? AND run = ?"
            " AND state IN (?, ?) AND coalesce(archive, 0) < ?",
            (_stored(member.path), self.run, PENDING, DONE, archive),
        ).fetchone()
        if row is None:
            return None
        number, size, setting, mtime_ns, state = row
        return Task(number, member.path, size, setting, replaces=False, tried=False), mtime_ns, state == DONE

    def do_again(self, task: Task) -> None:
        """The newest archive that has the file has another version of it."""
        self.database.execute("UPDATE files SET state = ? WHERE id = ?", (PENDING, task.id))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what follows is on record, or nothing."""
        self.database.execute("BEGIN")
        try:
            yield
        except BaseException:
            if self.database.in_transaction:  # SQLite ends it itself where memory or the disk is full
                self.database.execute("ROLLBACK")
            raise
        self.database.execute("COMMIT")

    def done(self, packed: Packed, archive: int | None = None) -> None:
        """The file is archived, by itself or in the archive of that number."""
        self.database.execute(
            "UPDATE files SET state = ?, claimed = max(claimed, ?), size = ?, mtime_ns = ?, error = ?,"
            " attempts = attempts + 1, archive = ?, coded = ?, sha256 = ?, seconds = ?, verify_seconds = ?,"
            " step = ?, finished = ? WHERE id = ?",
            (
                DONE,
                archive is None,
                packed.size,
                packed.mtime_ns,
                packed.warning,
                archive,
                packed.coded,
                packed.sha256,
                packed.seconds,
                packed.verify_seconds,
                self._next_step(),
                time.time(),
                packed.task.id,
            ),
        )

    def failed(self, task: Task, state: str, reason: str, *, claimed: bool) -> None:
        """An attempt failed; ``state`` says whether there will be another one."""
        self.database.execute(
            "UPDATE files SET state = ?, claimed = ?, attempts = attempts + 1, error = ? WHERE id = ?",
            (state, claimed, reason, task.id),
        )


def _boot() -> str:
    """What no two starts of the machine have in common; where nothing tells them apart, no two calls."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return os.urandom(16).hex()


def _path_below(path: str | bytes) -> str:
    """A path that is about to be worked on, whatever a ledger says: none leads out of the job's folders."""
    if not is_member_path(os.fsencode(path)):
        raise DamageError(f"it names {printable(path)}, which is not below the source")
    return os.fsdecode(path)


def _stored(path: str) -> str | bytes:
    """Paths are text where they can be, so that people can read and query them."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return os.fsencode(path)
    return path
