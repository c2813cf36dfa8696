"""Batch jobs at work: how many files at a time, one job at a time, and ledgers meanwhile."""

from __future__ import annotations

import errno
import threading
import time

import pytest
from support.batch_jobs import FILES, quick_job, rows, run_job
from support.trees import make_tree

from nzip.archive.batch import pack, units
from nzip.archive.batch.ledger_file import open_ledger
from nzip.archive.batch.pack import Failed
from nzip.archive.batch.run import hold


def test_as_many_files_at_a_time_as_threads_and_memory_allow(folder, monkeypatch):
    at_work, most = set(), []

    def watch(_place, task, _options, **_):
        at_work.add(task.path)
        most.append(len(at_work))
        time.sleep(0.02)
        at_work.discard(task.path)
        return Failed(task, OSError(errno.EIO, "no"))

    monkeypatch.setattr(units, "pack", watch)
    run_job(quick_job(folder, jobs=3, attempts=1))
    assert max(most) == 3
    most.clear()
    task = pack.Task(1, "a.txt", len(FILES["a.txt"]), 1, replaces=False, tried=False)
    needed = units.needs(quick_job(folder).rules[-1].encoding, task)[1]
    run_job(quick_job(folder, jobs=3, attempts=1, memory=needed))
    assert max(most) == 1


def test_a_file_that_needs_too_much_memory_fails_alone(folder):
    job = quick_job(folder, memory=1 << 20, attempts=1)
    run_job(job)
    assert rows(job, "state")["a.txt"] == "failed"
    assert "of memory, the limit is" in rows(job, "error")["a.txt"]


def test_a_defect_in_a_thread_is_told(folder, monkeypatch):
    def fail(*_, **__):
        raise AssertionError("a defect")

    monkeypatch.setattr(units, "pack", fail)
    with pytest.raises(AssertionError, match="a defect"):
        run_job(quick_job(folder))


def test_one_job_at_a_time(folder):
    job = quick_job(folder)
    with hold(job.place), pytest.raises(OSError, match="another nzip batch"), hold(job.place):
        pass


def test_what_a_killed_job_left_is_swept(folder):
    job = quick_job(folder)
    make_tree(folder / "out/.nzip-batch/incomplete", {".nzip-1.tmp": b"half"})
    run_job(job)
    assert not (folder / "out/.nzip-batch/incomplete").exists()


def test_a_ledger_may_be_read_while_the_job_writes(folder):
    job = quick_job(folder)
    seen = []

    def look():
        with open_ledger(job.ledger, writes=False) as ledger:
            seen.append(ledger.counts()["pending"].files)

    def answers(tasks):
        for task in tasks:
            thread = threading.Thread(target=look)
            thread.start()
            thread.join()
            yield pack.pack(job.place, task, job.rules[-1].encoding, verify=True)

    run_job(job, answers)
    assert seen == [4, 3, 2, 1]
