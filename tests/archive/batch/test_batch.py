"""Batch jobs: what becomes of files, what is on record, and what is done again."""

from __future__ import annotations

import errno
import hashlib
import os

import pytest
from support.batch_jobs import FILES, quick_job, rows, run_job
from support.trees import make_tree

import nzip
from nzip.archive.batch import pack
from nzip.archive.batch.job import JobError, make_job
from nzip.archive.batch.ledger import LedgerError
from nzip.archive.batch.ledger_file import open_ledger
from nzip.archive.batch.ledger_tables import TABLES
from nzip.archive.batch.pack import Failed
from nzip.archive.batch.run import hold
from nzip.archive.batch.walk import Found, LeftOut, walk
from nzip.errors import NzipChecksumError
from nzip.pipeline.target import NewFile


def archives(folder):
    out = folder / "out"
    return sorted(
        str(path.relative_to(out)) for path in out.rglob("*") if path.is_file() and ".nzip" not in str(path)
    )


def touch(path, data):
    path.write_bytes(data)
    os.utime(path, ns=(1, 10**9))


def test_every_file_gets_an_archive_with_its_attributes(folder):
    source = folder / "source/deep/er/c.txt"
    source.chmod(0o640)
    source.parent.chmod(0o700)
    os.utime(source, ns=(10**18, 10**18))
    job = quick_job(folder)
    assert run_job(job) == sorted(FILES, key=lambda name: len(FILES[name]), reverse=True)
    assert archives(folder) == sorted(name + ".nz" for name in FILES)
    for name, data in FILES.items():
        packed = folder / "out" / (name + ".nz")
        assert nzip.decompress(packed.read_bytes()) == data
        assert rows(job, "state, attempts, size, coded, sha256")[name] == (
            "done",
            1,
            len(data),
            packed.stat().st_size,
            hashlib.sha256(data).hexdigest(),
        )
    status = (folder / "out/deep/er/c.txt.nz").stat()
    assert (status.st_mode & 0o777, status.st_mtime_ns) == (0o640, 10**18)
    assert (folder / "out/deep/er").stat().st_mode & 0o777 == 0o700
    assert nzip.info(folder / "out/deep/er/c.txt.nz").streams[0].metadata.name == b"c.txt"


def test_the_bytes_do_not_depend_on_the_number_of_jobs(folder):
    made = []
    for jobs in (1, 3):
        job = quick_job(folder, jobs=jobs, out=str(folder / f"out{jobs}"), block_size=512)
        run_job(job)
        made.append([(folder / f"out{jobs}" / (name + ".nz")).read_bytes() for name in FILES])
    assert made[0] == made[1]


def test_a_second_run_does_what_is_new_or_different(folder):
    job = quick_job(folder)
    run_job(job)
    assert run_job(job) == []
    touch(folder / "source/a.txt", b"A text " * 500)  # of the same size
    (folder / "out/b.log.nz").unlink()
    (folder / "out/deep/empty.nz").write_bytes(b"half")
    make_tree(folder / "source", {"new": b"n"})
    assert sorted(run_job(job)) == ["a.txt", "b.log", "deep/empty", "new"]
    assert nzip.decompress((folder / "out/a.txt.nz").read_bytes()) == b"A text " * 500
    assert run_job(job) == []


def test_another_setting_makes_other_archives(folder):
    run_job(quick_job(folder))
    assert sorted(run_job(quick_job(folder, rules=[{"patterns": ["*.txt"], "level": 2}]))) == [
        "a.txt",
        "deep/er/c.txt",
    ]


def test_recovery_records(folder):
    job = quick_job(folder, recovery=5)
    run_job(job)
    for path in rows(job, "1"):
        assert nzip.info(job.place.target_of(path)).streams[0].recovery >= 5
    assert run_job(job) == []
    assert run_job(quick_job(folder)) != []  # without them the archives are others


def test_patterns(folder):
    run_job(quick_job(folder, include=["*.txt", "deep/*"], exclude=["er"]))
    assert archives(folder) == ["a.txt.nz", "deep/empty.nz"]


def test_what_is_no_longer_part_of_the_job_is_left_alone(folder):
    job = quick_job(folder)
    run_job(job, answers=lambda tasks: (Failed(task, OSError(errno.EIO, "bad")) for task in tasks))
    assert run_job(quick_job(folder, include=["*.log"])) == ["b.log"]


def test_the_first_rule_that_matches_counts(folder):
    rules = [{"patterns": ["deep/*"], "level": 3}, {"patterns": ["*.txt"], "level": 2}]
    job = quick_job(folder, rules=rules)
    run_job(job)
    settings = rows(job, "(SELECT text FROM settings WHERE id = setting)")
    assert {name: text.split(",")[0] for name, text in settings.items()} == {
        "a.txt": "level 2",
        "b.log": "level 1",
        "deep/er/c.txt": "level 3",
        "deep/empty": "level 3",
    }


def test_links_pipes_and_unreadable_folders_are_on_record(folder, monkeypatch):
    (folder / "source/link").symlink_to("a.txt")
    os.mkfifo(folder / "source/pipe")
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("er"):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    job = quick_job(folder)
    run_job(job)
    found = rows(job, "state, error")
    assert found["link"] == ("skipped", "is a symbolic link")
    assert found["pipe"] == ("skipped", "is not a regular file")
    assert found["deep/er"] == ("failed", "folder cannot be read: Permission denied")
    monkeypatch.undo()
    assert run_job(job) == ["deep/er/c.txt"]


def test_walking_is_lazy(folder):
    entries = walk(str(folder / "source"), lambda _path: True, lambda _path: True)
    first = next(entries)
    assert isinstance(first, (Found, LeftOut))
    for _ in entries:
        pass


def test_a_name_that_is_too_long_for_its_archive(folder):
    make_tree(folder / "source", {"n" * 254: b"data"})
    job = quick_job(folder, attempts=1)
    run_job(job)
    assert rows(job, "state, error")["n" * 254][0] == "failed"
    assert list(rows(job, "state").values()).count("done") == len(FILES)


def test_names_that_are_no_text(folder):
    name = os.fsdecode(b"\xff\n.txt")
    make_tree(folder / "source", {name: b"data"})
    job = quick_job(folder)
    run_job(job)
    assert nzip.decompress((folder / "out" / (name + ".nz")).read_bytes()) == b"data"
    assert rows(job, "state")[os.fsencode(name)] == "done"
    assert run_job(job) == []


def test_a_failure_is_tried_again_and_then_listed(folder):
    job = quick_job(folder, attempts=3, include=["a.txt", "b.log"])
    tried = []

    def answers(tasks):
        for task in tasks:
            tried.append(task)
            if task.path == "b.log" and len(tried) == 4:
                yield pack.pack(job.place, task, job.rules[-1].encoding, verify=True)
            else:
                yield Failed(task, OSError(errno.EIO, "Input/output error"))

    run_job(job, answers)
    assert [(task.path, task.tried) for task in tried] == [
        ("a.txt", False),
        ("b.log", False),
        ("a.txt", True),
        ("b.log", True),
        ("a.txt", True),
    ]
    assert rows(job, "state, attempts, error") == {
        "a.txt": ("failed", 3, "Input/output error"),
        "b.log": ("done", 2, None),
    }
    assert run_job(job) == ["a.txt"]  # the next run tries anew
    assert rows(job, "state, attempts")["a.txt"] == ("done", 1)


def test_a_source_that_changes_while_it_is_read(folder, monkeypatch):
    path = folder / "source/a.txt"
    compress_stream = pack.compress_stream
    times = iter([True, False])

    def change(*arguments, **options):
        totals = compress_stream(*arguments, **options)
        if totals.plain == len(FILES["a.txt"]) and next(times, False):
            touch(path, b"B text " * 500)
        return totals

    monkeypatch.setattr(pack, "compress_stream", change)
    job = quick_job(folder)
    run_job(job)
    assert rows(job, "state, attempts")["a.txt"] == ("done", 2)
    assert nzip.decompress((folder / "out/a.txt.nz").read_bytes()) == b"B text " * 500


def test_a_source_that_never_stands_still(folder, monkeypatch):
    compress_stream = pack.compress_stream

    def change(*arguments, **options):
        with (folder / "source/a.txt").open("ab") as file:
            file.write(b"more")
        return compress_stream(*arguments, **options)

    monkeypatch.setattr(pack, "compress_stream", change)
    job = quick_job(folder, include=["a.txt"], jobs=1)
    run_job(job)
    assert rows(job, "state, attempts, error")["a.txt"] == ("failed", 3, "changed while it was read")
    assert archives(folder) == []


def test_a_source_that_is_gone(folder):
    job = quick_job(folder)
    run_job(job, before=lambda _ledger: (folder / "source/a.txt").unlink())
    assert rows(job, "state")["a.txt"] == "gone"


def test_a_source_that_became_something_else(folder):
    def replace(_):
        (folder / "source/a.txt").unlink()
        os.mkfifo(folder / "source/a.txt")
        (folder / "source/b.log").unlink()
        (folder / "source/b.log").symlink_to("deep/er/c.txt")

    job = quick_job(folder)
    run_job(job, before=replace)
    assert rows(job, "error")["a.txt"] == "is no longer a regular file"
    assert rows(job, "state")["b.log"] == "failed"
    assert archives(folder) == ["deep/empty.nz", "deep/er/c.txt.nz"]


def test_files_of_others_are_not_replaced(folder):
    make_tree(folder / "out", {"a.txt.nz": b"precious"})
    job = quick_job(folder)
    for _ in range(2):  # a second run knows no better
        run_job(job)
        assert rows(job, "state, error")["a.txt"] == ("failed", "the archive's name is taken; -f replaces it")
        assert (folder / "out/a.txt.nz").read_bytes() == b"precious"
    run_job(quick_job(folder, force=True))
    assert nzip.decompress((folder / "out/a.txt.nz").read_bytes()) == FILES["a.txt"]


def test_files_of_others_that_appear_meanwhile_are_not_replaced(folder, monkeypatch):
    compress_stream = pack.compress_stream

    def appear(*arguments, **options):
        make_tree(folder / "out", {"a.txt.nz": b"precious"})
        return compress_stream(*arguments, **options)

    monkeypatch.setattr(pack, "compress_stream", appear)
    job = quick_job(folder, include=["a.txt"])
    for _ in range(2):
        run_job(job)
        assert rows(job, "state, claimed")["a.txt"] == ("failed", 0)
        assert (folder / "out/a.txt.nz").read_bytes() == b"precious"


def test_what_does_not_restore_gets_no_name(folder, monkeypatch):
    good = nzip.compress(b"something else", 1)

    def written(self):
        self._file.flush()
        self._file.seek(0)
        self._file.write(good)
        self._file.truncate()
        self._file.flush()
        return open(self._temporary, "rb")

    monkeypatch.setattr(NewFile, "written", written)
    job = quick_job(folder, attempts=1)
    run_job(job)
    assert archives(folder) == []
    assert set(rows(job, "state").values()) == {"failed"}
    assert issubclass(NzipChecksumError, OSError)
    assert "does not restore" in rows(job, "error")["a.txt"]


def test_a_full_disk_ends_the_job_and_nothing_is_given_up(folder):
    job = quick_job(folder)

    def answers(tasks):
        for task in tasks:
            yield Failed(task, OSError(errno.ENOSPC, "No space left on device", "out"))

    with pytest.raises(OSError, match="No space left"):
        run_job(job, answers)
    assert set(rows(job, "state").values()) == {"pending"}
    assert len(run_job(job)) == len(FILES)


def test_archives_that_a_power_cut_may_have_taken_are_made_again(folder):
    job = quick_job(folder)
    run_job(job)
    with open_ledger(job.ledger, writes=True) as ledger:
        ledger.database.execute("UPDATE runs SET ended = NULL, boot = 'another'")
        last = ledger.scalar("SELECT max(step) FROM files")
        ledger.database.execute("UPDATE files SET step = ? WHERE path = 'a.txt'", (last + 1,))
        ledger.database.execute("UPDATE runs SET synced = ?", (last,))
    assert run_job(job) == ["a.txt"]


def test_ledgers_that_cannot_be_used(folder, tmp_path):
    job = quick_job(folder)
    run_job(job)
    other = make_job({"source": str(folder / "out"), "out": str(folder / "out2"), "ledger": job.ledger})
    with pytest.raises(LedgerError, match="of another job"):
        run_job(other)
    (tmp_path / "text").write_text("no database " * 100)
    with pytest.raises(LedgerError, match="not a database"):
        run_job(quick_job(folder, ledger=str(tmp_path / "text")))
    with open_ledger(job.ledger, writes=True) as ledger:
        ledger.database.execute("PRAGMA user_version = 99")
    with pytest.raises(LedgerError, match="its version is 99"):
        run_job(job)


def test_a_job_that_was_killed_while_it_made_its_ledger(folder):
    job = quick_job(folder)
    with hold(job.place), open_ledger(job.ledger, writes=True) as ledger:
        ledger.database.executescript(TABLES)
    assert len(run_job(job)) == len(FILES)


def test_a_target_in_the_source_is_refused(folder):
    with pytest.raises(JobError, match="out lies in the source"):
        quick_job(folder, out=str(folder / "source/out"))
    with pytest.raises(FileNotFoundError):
        quick_job(folder, source=str(folder / "nowhere"))


def test_sizes_whose_sum_no_column_holds(folder):
    job = quick_job(folder, attempts=1)

    def grow(ledger):
        ledger.database.execute("UPDATE files SET size = ? WHERE path LIKE 'deep/%'", (2**63 - 1,))

    def answers(tasks):
        for task in tasks:
            if task.path.startswith("deep"):
                yield Failed(task, OSError(errno.EFBIG, "File too large"))
            else:
                yield pack.pack(job.place, task, job.rules[-1].encoding, verify=True)

    run_job(job, answers, before=grow)
    with open_ledger(job.ledger, writes=False) as ledger:
        assert ledger.counts()["failed"].size == 2**64
        assert ledger.counts()["done"].files == 2
