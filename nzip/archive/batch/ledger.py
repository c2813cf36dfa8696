"""What a job knows of its files: a SQLite database that says at any moment what is done.

What happens to a file is on record before the job goes on, so a job that is killed repeats what was in
flight, and no more.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import quote

from nzip.archive.batch.pack import Packed, Task
from nzip.archive.batch.place import Place
from nzip.archive.batch.walk import Found, LeftOut
from nzip.errors import NzipError

PENDING, DONE, FAILED, SKIPPED, GONE = "pending", "done", "failed", "skipped", "gone"

VERSION = 2  # of the tables
TABLES = f"""
BEGIN;
CREATE TABLE job (source TEXT NOT NULL, target TEXT NOT NULL);
CREATE TABLE settings (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  engine TEXT NOT NULL,
  boot TEXT NOT NULL,        -- which start of the machine
  started REAL NOT NULL,     -- seconds since 1970, when the first file was begun
  synced REAL NOT NULL,      -- what was finished before is on the disk, come what may
  ended REAL                 -- NULL: at work, or killed
);
CREATE TABLE archives (      -- of several files, by their numbers
  id INTEGER PRIMARY KEY,
  coded INTEGER NOT NULL,    -- bytes
  finished REAL NOT NULL     -- seconds since 1970
);
CREATE TABLE files (
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL UNIQUE, -- below the source; a BLOB where it is not UTF-8
  run INTEGER NOT NULL,      -- the last one that met the file
  state TEXT NOT NULL,       -- pending, done, failed, skipped, gone
  claimed INTEGER NOT NULL DEFAULT 0, -- 1: the archive's name was free once, what bears it is the job's own
  setting INTEGER,
  archive INTEGER,           -- the number of the one that it is in; NULL: it has its own
  size INTEGER,              -- bytes of the source
  mtime_ns INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0, -- in the last run
  error TEXT,                -- of the last attempt
  coded INTEGER,             -- bytes of the archive
  sha256 TEXT,               -- of the source
  seconds REAL,              -- of compression
  verify_seconds REAL,
  finished REAL              -- seconds since 1970
);
CREATE INDEX pending ON files (size, id) WHERE state = '{PENDING}';
PRAGMA user_version = {VERSION};
"""

_PAGE = 500  # rows read at a time
_TRANSACTION = 10_000  # rows written at a time while files are found
_ABOVE_ALL = 2**63 - 1


class LedgerError(NzipError):
    """The ledger is damaged, another job's, or cannot be written."""


class Count(NamedTuple):
    """Files in one state."""

    files: int = 0
    size: int = 0
    coded: int = 0


@contextmanager
def open_ledger(path: str, *, writes: bool) -> Iterator[Ledger]:
    """The ledger in a file, which is made if the caller ``writes``. LedgerError for all that goes wrong."""
    mode = "rwc" if writes else "ro"
    try:
        with closing(
            sqlite3.connect(
                f"file:{quote(os.path.abspath(path))}?mode={mode}", uri=True, timeout=60, isolation_level=None
            )
        ) as database:
            ledger = Ledger(database)
            if ledger.is_new and not writes:
                raise LedgerError(f"ledger {path}: no job was ever begun")
            yield ledger
    except sqlite3.Error as error:
        raise LedgerError(f"ledger {path}: {error}") from error


class Ledger:
    """An open ledger. One process writes; others may read meanwhile."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database
        version = self.scalar("PRAGMA user_version")
        if version not in (0, VERSION):
            raise LedgerError(f"the ledger has version {version}, which this nzip does not know")
        self.is_new = version == 0
        self.run: int = 0 if self.is_new else self.scalar("SELECT coalesce(max(id), 0) FROM runs")

    def scalar(self, query: str, *values: Any) -> Any:
        """The first column of the first row."""
        return self.database.execute(query, values).fetchone()[0]

    @property
    def place(self) -> Place:
        """Where the job's files are."""
        return Place(*map(os.fsdecode, self.database.execute("SELECT source, target FROM job").fetchone()))

    def begin(self, place: Place) -> None:
        """Prepare for writing. The ledger serves one pair of folders for ever."""
        self.database.execute("PRAGMA journal_mode = WAL")  # a change costs no wait for the disk
        self.database.execute("PRAGMA synchronous = NORMAL")
        if self.is_new:
            self.database.executescript(TABLES)  # begins a transaction: all of it is there, or nothing
            folders = _stored(place.source), _stored(place.target)
            self.database.execute("INSERT INTO job VALUES (?, ?)", folders)
            self.database.execute("COMMIT")
        elif self.place != place:
            raise LedgerError(f"the ledger is of another job: {self.place.source} to {self.place.target}")

    def setting(self, text: str) -> int:
        """The number of a setting, given in words."""
        self.database.execute("INSERT OR IGNORE INTO settings (text) VALUES (?)", (text,))
        number: int = self.scalar("SELECT id FROM settings WHERE text = ?", text)
        return number

    def begin_run(self, engine: str) -> None:
        """What is entered from now on is what the job consists of."""
        boot, now = _boot(), time.time()
        # A power cut may have taken archives that are on record and never came to the disk.
        unsure = "finished > (SELECT synced FROM runs WHERE id = ? AND ended IS NULL AND boot != ?)"
        self.database.execute(
            f"UPDATE files SET state = ? WHERE state = ? AND {unsure}", (PENDING, DONE, self.run, boot)
        )
        self.database.execute(f"DELETE FROM archives WHERE {unsure}", (self.run, boot))
        self.run += 1
        self.database.execute(
            "INSERT INTO runs (id, engine, boot, started, synced) VALUES (?, ?, ?, ?, ?)",
            (self.run, engine, boot, now, now),
        )

    def begin_work(self) -> None:
        """All files are entered."""
        self.database.execute("UPDATE runs SET started = ? WHERE id = ?", (time.time(), self.run))

    def sync(self) -> None:
        """All archives on record are on the disk when this returns."""
        now = time.time()
        os.sync()
        self.database.execute("UPDATE runs SET synced = ? WHERE id = ?", (now, self.run))

    def end_run(self) -> None:
        """The job has done what it could."""
        self.database.execute("UPDATE runs SET ended = ? WHERE id = ?", (time.time(), self.run))

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
                    number, os.fsdecode(path), size, setting, replaces=bool(claimed), tried=attempts > 0
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
                yield Task(number, os.fsdecode(path), size, setting, replaces=False, tried=attempts > 0)
            last = path

    def claim(self, task: Task) -> None:
        """The archive's name is free, and is the job's own from now on."""
        self.database.execute("UPDATE files SET claimed = 1 WHERE id = ?", (task.id,))

    def complete(self, archive: int, coded: int) -> None:
        """An archive of several files has its name; what becomes of these follows."""
        self.database.execute("INSERT INTO archives VALUES (?, ?, ?)", (archive, coded, time.time()))

    def lose_archives(self, size_of: Callable[[int], int | None]) -> list[int]:
        """What is in archives that are not as they were made is to be done again; the numbers of these."""
        archives = self.database.execute("SELECT id, coded FROM archives").fetchall()
        lost = [number for number, coded in archives if size_of(number) != coded]
        for number in lost:
            self.database.execute("DELETE FROM archives WHERE id = ?", (number,))
            self.database.execute(
                "UPDATE files SET state = ? WHERE archive = ? AND state = ?", (PENDING, number, DONE)
            )
        return lost

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what follows is on record, or nothing."""
        self.database.execute("BEGIN")
        try:
            yield
        except BaseException:
            self.database.execute("ROLLBACK")
            raise
        self.database.execute("COMMIT")

    def done(self, packed: Packed, archive: int | None = None) -> None:
        """The file is archived, by itself or in the archive of that number."""
        self.database.execute(
            "UPDATE files SET state = ?, size = ?, mtime_ns = ?, attempts = attempts + 1, error = NULL,"
            " archive = ?, coded = ?, sha256 = ?, seconds = ?, verify_seconds = ?, finished = ? WHERE id = ?",
            (
                DONE,
                packed.size,
                packed.mtime_ns,
                archive,
                packed.coded,
                packed.sha256,
                packed.seconds,
                packed.verify_seconds,
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

    def counts(self) -> dict[str, Count]:
        """The job's files by state."""
        rows = self.database.execute(
            "SELECT state, count(*), coalesce(sum(size), 0), coalesce(sum(coded), 0) FROM files"
            " WHERE run = ? GROUP BY state",
            (self.run,),
        )
        return dict.fromkeys((PENDING, DONE, FAILED, SKIPPED, GONE), Count()) | {
            state: Count(*numbers) for state, *numbers in rows
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

    def reasons(self, state: str, most: int) -> list[tuple[str, str]]:
        """The paths of up to ``most`` files in a state, and why they are."""
        rows = self.database.execute(
            "SELECT path, error FROM files WHERE run = ? AND state = ? ORDER BY path LIMIT ?",
            (self.run, state, most),
        )
        return [(os.fsdecode(path), reason) for path, reason in rows]


def _boot() -> str:
    """What no two starts of the machine have in common; where nothing tells them apart, no two calls."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return os.urandom(16).hex()


def _stored(path: str) -> str | bytes:
    """Paths are text where they can be, so that people can read and query them."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return os.fsencode(path)
    return path
