"""The ledger's tables, and whether those in a file are what they must be: a ledger may come damaged."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from functools import cache

from nzip.format.versions import LEDGER

PENDING, DONE, FAILED, SKIPPED, GONE = "pending", "done", "failed", "skipped", "gone"

# SQLite puts any value into any column, so each says what it takes.
TABLES = f"""
BEGIN;
CREATE TABLE job (
  source TEXT NOT NULL CHECK (typeof(source) IN ('text', 'blob')), -- a BLOB where it is not UTF-8
  target TEXT NOT NULL CHECK (typeof(target) IN ('text', 'blob')),
  wish TEXT NOT NULL CHECK (typeof(wish) = 'text') -- JSON: which files, and how they are archived
);
CREATE TABLE settings (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE CHECK (typeof(text) = 'text'));
CREATE TABLE runs (
  id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 1000000000),
  engine TEXT NOT NULL CHECK (typeof(engine) = 'text'),
  boot TEXT NOT NULL,        -- which start of the machine
  started REAL NOT NULL CHECK (abs(started) < 1e11),     -- seconds since 1970
  ended REAL CHECK (abs(ended) < 1e11),                  -- NULL: at work, or killed
  entered INTEGER NOT NULL DEFAULT 0 CHECK (entered IN (0, 1)), -- 1: all files were found
  worked REAL NOT NULL DEFAULT 0 CHECK (worked >= 0 AND worked < 1e11), -- seconds, whatever the clock did
  begun INTEGER NOT NULL CHECK (begun BETWEEN 0 AND 1e15), -- the last step before the run
  synced INTEGER NOT NULL CHECK (synced BETWEEN 0 AND 1e15) -- what was done until then is on the disk
);
CREATE TABLE archives (      -- of several files, by their numbers
  id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 1000000000),
  coded INTEGER NOT NULL CHECK (typeof(coded) = 'integer' AND coded > 0), -- bytes
  step INTEGER NOT NULL CHECK (step BETWEEN 1 AND 1e15)
);
CREATE TABLE files (
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL UNIQUE CHECK (typeof(path) IN ('text', 'blob')), -- below the source; a BLOB as there
  run INTEGER NOT NULL REFERENCES runs, -- the last one that met the file
  state TEXT NOT NULL CHECK (state IN ('{PENDING}', '{DONE}', '{FAILED}', '{SKIPPED}', '{GONE}')),
  claimed INTEGER NOT NULL DEFAULT 0 CHECK (claimed IN (0, 1)), -- 1: its archive's name is the job's own
  setting INTEGER REFERENCES settings,
  archive INTEGER REFERENCES archives, -- the one that it is in; NULL: it has its own
  size INTEGER CHECK (typeof(size) IN ('integer', 'null') AND size >= 0), -- bytes of the source
  mtime_ns INTEGER CHECK (typeof(mtime_ns) IN ('integer', 'null')),
  attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts BETWEEN 0 AND 1000000000), -- in the last run
  error TEXT CHECK (typeof(error) IN ('text', 'null')), -- of the last attempt; where it is done, a warning
  coded INTEGER CHECK (typeof(coded) IN ('integer', 'null') AND coded >= 0), -- bytes of the archive
  sha256 TEXT CHECK (typeof(sha256) IN ('text', 'null') AND length(sha256) = 64), -- of the source
  seconds REAL CHECK (seconds >= 0 AND seconds < 1e11), -- of compression; NULL: the archive was there already
  verify_seconds REAL CHECK (verify_seconds >= 0 AND verify_seconds < 1e11),
  step INTEGER CHECK (step BETWEEN 1 AND 1e15), -- the how manieth that was done, among files and archives
  finished REAL CHECK (abs(finished) < 1e11), -- seconds since 1970
  CHECK (state != '{DONE}' OR size + mtime_ns + coded + setting + step + length(sha256) NOT NULL)
);
CREATE INDEX pending ON files (size, id) WHERE state = '{PENDING}';
CREATE INDEX archived ON files (archive);
PRAGMA user_version = {LEDGER.newest};
"""

_SECONDS = 10  # for a ledger of some millions of files; what a longer search would find is met later


class DamageError(sqlite3.DatabaseError):
    """The file is a database, and not what the ledger's tables must be."""


def is_new(database: sqlite3.Connection) -> bool:
    """Whether there are no tables yet. Raises DamageError for tables that are not the ledger's."""
    found = _schema(database)
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if not found and not version:
        return True
    if not LEDGER.has(version):
        raise DamageError(f"its version is {version}, this nzip knows {LEDGER.newest}")
    if found != _expected():
        raise DamageError("its tables are not those of a ledger")
    return False


def check(database: sqlite3.Connection) -> None:
    """Look for damage, and for values that no ledger has. Raises DamageError."""
    deadline = time.monotonic() + _SECONDS
    database.set_progress_handler(lambda: time.monotonic() > deadline, 100_000)
    try:
        (found,) = database.execute("PRAGMA integrity_check(1)").fetchone()
        if found != "ok":
            raise DamageError(found)
        if database.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise DamageError("its tables contradict one another")
    except sqlite3.OperationalError:
        if time.monotonic() <= deadline:
            raise
    finally:
        database.set_progress_handler(None, 0)
    if database.execute("SELECT count(*) FROM job").fetchone()[0] != 1:
        raise DamageError("it is not of one job")


def _schema(database: sqlite3.Connection) -> list[tuple[str, ...]]:
    """All that a file defines, but what SQLite makes for itself."""
    return database.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    ).fetchall()


@cache
def _expected() -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(TABLES)
        return _schema(database)
