"""Ledgers that are damaged, hostile or in use: each works, or is refused in one line, and made anew."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from support.batch_jobs import quick_job, rows, run_job
from support.trees import make_tree

from nzip.archive.batch.ledger import LedgerError
from nzip.archive.batch.ledger_file import open_ledger, readable_wish, set_aside
from nzip.archive.batch.ledger_tables import TABLES
from nzip.archive.batch.run import hold
from nzip.archive.batch.wish import Wish

FILES = {f"{number % 4}/{number}.txt": b"%d of a kind\n" % number * 30 for number in range(40)}


@pytest.fixture(autouse=True)
def _quickly(monkeypatch):
    monkeypatch.setattr(os, "sync", lambda: None)


@pytest.fixture
def job(tmp_path):
    make_tree(tmp_path / "source", FILES)
    make_tree(tmp_path, {"precious": b"mine", "elsewhere/precious.nz": b"mine"})
    made = quick_job(tmp_path)
    run_job(made)
    return made


@contextlib.contextmanager
def tampering(job):
    with contextlib.closing(sqlite3.connect(job.ledger, isolation_level=None)) as database:
        database.execute("PRAGMA ignore_check_constraints = ON")
        yield database


def values(*statements):
    def change(job):
        with tampering(job) as database:
            for statement in statements:
                database.execute(statement)

    return change


def bytes_at(position, data):
    def change(job):
        with open(job.ledger, "r+b") as file:
            file.seek(position)
            file.write(data)

    return change


def truncated(size):
    return lambda job: os.truncate(job.ledger, size)


def replaced(make):
    def change(job):
        os.unlink(job.ledger)
        make(job)

    return change


def wishing(wish):
    return values(f"UPDATE job SET wish = '{Wish(wish).to_json()}'")


REFUSED = {
    "truncated in a page": truncated(5000),
    "truncated at a page": truncated(8192),
    "truncated in its header": truncated(50),
    "another header": bytes_at(0, b"SQLite format 4\0"),
    "a zero page": bytes_at(4096, bytes(4096)),
    "the first page zero behind the header": bytes_at(100, bytes(3996)),
    "all zero": lambda job: bytes_at(0, bytes(os.path.getsize(job.ledger)))(job),
    "text": replaced(lambda job: Path(job.ledger).write_text("no ledger " * 100)),
    "a folder": replaced(lambda job: os.mkdir(job.ledger)),
    "a pipe": replaced(lambda job: os.mkfifo(job.ledger)),
    "a link": lambda job: (os.rename(job.ledger, job.ledger + "2"), os.symlink(job.ledger + "2", job.ledger)),
    "a link to nothing": replaced(lambda job: os.symlink("/nowhere/at/all", job.ledger)),
    "a missing table": values("DROP TABLE archives"),
    "a missing index": values("DROP INDEX pending"),
    "a column more": values("ALTER TABLE files ADD COLUMN extra TEXT"),
    "a trigger": values("CREATE TRIGGER t AFTER UPDATE ON files BEGIN DELETE FROM files; END"),
    "a view": values("CREATE VIEW v AS SELECT 1"),
    "another version": values("PRAGMA user_version = 2"),
    "no version": values("PRAGMA user_version = 0"),
    "text for a size": values("UPDATE files SET size = 'large' WHERE id = 3"),
    "a negative size": values("UPDATE files SET size = -5 WHERE id = 3"),
    "a blob for a time": values("UPDATE files SET mtime_ns = x'00' WHERE id = 3"),
    "an unknown state": values("UPDATE files SET state = 'eaten' WHERE id = 3"),
    "done, and no size": values("UPDATE files SET size = NULL WHERE id = 3"),
    "a short digest": values("UPDATE files SET sha256 = 'ab' WHERE id = 3"),
    "endless seconds": values("UPDATE files SET seconds = 9e999 WHERE id = 3"),
    "an unknown setting": values("UPDATE files SET setting = 77 WHERE id = 3"),
    "an unknown archive": values("UPDATE files SET archive = 77 WHERE id = 3"),
    "a run to come": values("UPDATE files SET run = 2, state = 'pending' WHERE id = 3"),
    "a run beyond all": values(f"UPDATE runs SET id = {2**63 - 1}", f"UPDATE files SET run = {2**63 - 1}"),
    "an archive beyond all": values(f"INSERT INTO archives VALUES ({2**63 - 1}, 1, 1)"),
    "two jobs": values("INSERT INTO job SELECT * FROM job"),
    "no job": values("DELETE FROM job"),
    "no JSON": values("UPDATE job SET wish = '{'"),
    "JSON of another kind": values("UPDATE job SET wish = '[1]'"),
    "deep JSON": values("UPDATE job SET wish = '" + "[" * 100_000 + "'"),
    "a wish for a folder": wishing({"out": "/"}),
    "a wish for level 99": wishing({"level": 99}),
    "a wish for a level in words": wishing({"level": "high"}),
    "a wish for a blob": values("UPDATE job SET wish = x'7b7d'"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_ledger_any_more_is_refused_and_made_anew(job, tmp_path, name):
    REFUSED[name](job)
    with pytest.raises((LedgerError, OSError)) as caught:
        run_as_the_command(job)
    assert isinstance(caught.value, LedgerError) or "is a link" in str(caught.value)
    assert str(caught.value.filename).startswith(job.ledger)
    made = {name: os.stat(job.place.target_of(name)).st_ino for name in FILES}
    set_aside(job.ledger)
    if name.startswith("a link"):
        os.rename(job.ledger + ".1", tmp_path / "link")
    if os.path.exists(job.ledger + "2"):
        os.rename(job.ledger + "2", tmp_path / "ledger")
    assert len(run_job(job)) == len(FILES)  # all of them are looked at
    assert set(rows(job, "state").values()) == {"done"}
    assert {name: os.stat(job.place.target_of(name)).st_ino for name in FILES} == made  # and taken over
    assert run_job(job) == []
    assert (tmp_path / "elsewhere/precious.nz").read_bytes() == b"mine"


def run_as_the_command(job):
    with hold(job.place), open_ledger(job.ledger, writes=False) as ledger:
        assert isinstance(ledger.wish, Wish)
    return run_job(job)


@pytest.mark.parametrize(
    "path", ["../elsewhere/precious", "/tmp/nzip-precious", "0/../../x", "", ".", "a//b"]
)
def test_a_path_that_leads_elsewhere_is_never_worked_on(job, tmp_path, path):
    make_tree(tmp_path, {"elsewhere/precious": b"mine", "x": b"x"})

    def tamper(ledger):
        ledger.database.execute("UPDATE files SET path = ?, state = 'pending' WHERE id = 1", (path,))

    with pytest.raises(LedgerError, match="not below the source"):
        run_job(job, before=tamper)
    assert (tmp_path / "elsewhere/precious.nz").read_bytes() == b"mine"
    assert not (tmp_path / "x.nz").exists()


def test_a_wal_that_a_killed_job_left(job):
    script = (
        "import sqlite3, os, sys; d = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "d.execute('PRAGMA journal_mode = WAL');"
        "d.execute(\"UPDATE files SET state = 'pending' WHERE id = 1\"); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, job.ledger], check=False)
    assert os.path.getsize(job.ledger + "-wal")
    assert len(run_job(job)) == 1


def test_a_wal_of_something_else(job):
    with open(job.ledger + "-wal", "wb") as file:
        file.write(os.urandom(20_000))
    assert run_job(job) == []


def test_a_ledger_that_another_process_keeps(job, monkeypatch):
    monkeypatch.setattr("nzip.archive.batch.ledger_file._BUSY_SECONDS", 0.1)
    with contextlib.closing(sqlite3.connect(job.ledger, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = DELETE")
        database.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LedgerError, match="database is locked"):
            run_job(job)
    assert run_job(job) == []


def test_rebuilding_finds_the_wish_where_it_can(job):
    with tampering(job) as database:
        database.execute("UPDATE job SET wish = ?", (Wish({"level": 2}).to_json(),))
        database.execute("UPDATE files SET size = -1")
    assert readable_wish(job.ledger).values == {"level": 2}
    with tampering(job) as database:
        database.execute("DROP TABLE job")
        database.execute(
            "CREATE VIEW job AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
            " SELECT max(x) AS wish FROM n"
        )
    assert readable_wish(job.ledger) is None
    os.unlink(job.ledger)
    assert readable_wish(job.ledger) is None
    assert set_aside(job.ledger) is None


def test_nothing_is_written_through_links_among_the_records(job, tmp_path):
    for name in ("log.txt", "lock", "incomplete"):
        path = f"{job.place.state}/{name}"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        os.symlink(tmp_path / "precious", path)
        with pytest.raises(OSError, match="is a link"):
            run_job(job)
        os.unlink(path)
    assert (tmp_path / "precious").read_bytes() == b"mine"
    os.rename(job.place.state, tmp_path / "state")
    os.symlink(tmp_path / "state", job.place.state)
    with pytest.raises(OSError, match="is a link"):
        run_job(job)


def test_the_tables_are_made_at_once_or_not(job):
    set_aside(job.ledger)
    with contextlib.closing(sqlite3.connect(job.ledger, isolation_level=None)) as database:
        database.executescript(TABLES)  # and killed before the end of the transaction
    assert len(run_job(job)) == len(FILES)
    assert json.loads(run_wish(job))["settings"] == job.settings


def run_wish(job):
    with open_ledger(job.ledger, writes=False) as ledger:
        return ledger.scalar("SELECT wish FROM job")
