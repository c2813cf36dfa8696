"""Running batch jobs in tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from nzip.archive.batch.bundle import Bundle
from nzip.archive.batch.job import Job, make_job
from nzip.archive.batch.ledger import Ledger
from nzip.archive.batch.ledger_file import open_ledger
from nzip.archive.batch.local import Local
from nzip.archive.batch.run import Engine, find_files, hold, work
from nzip.archive.batch.units import Answer, Unit
from nzip.archive.batch.wish import Wish
from nzip.pipeline import EncodeOptions

QUICK = {"level": 1, "jobs": 2}
FILES = {"a.txt": b"a text " * 500, "b.log": b"line\n" * 300, "deep/er/c.txt": b"c" * 99, "deep/empty": b""}

Answers = Callable[[Iterable[Unit]], Iterator[Answer]]


def quick_job(folder: Path, **values: Any) -> Job:
    """A job from ``source`` to ``out`` in the folder."""
    return make_job({"source": str(folder / "source"), "out": str(folder / "out"), **QUICK, **values})


class Recorder:
    """An engine, and the paths of the files that it was given."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self.paths: list[str] = []

    def run(self, units: Iterable[Unit], tick: Callable[[int], None]) -> Iterator[Answer]:
        return self._answers(self._recorded(units))

    def _recorded(self, units: Iterable[Unit]) -> Iterator[Unit]:
        for unit in units:
            self.paths += [task.path for task in unit.files] if isinstance(unit, Bundle) else [unit.path]
            yield unit


@contextmanager
def open_local(job: Job, settings: dict[int, EncodeOptions]) -> Iterator[Local]:
    yield Local(job.place, settings, jobs=job.jobs, memory=job.memory, verify=job.verify)


def run_job(
    job: Job,
    answers: Answers | None = None,
    *,
    open_engine: Callable[[Job, dict[int, EncodeOptions]], AbstractContextManager[Engine]] = open_local,
    before: Callable[[Ledger], None] = lambda _ledger: None,
) -> list[str]:
    """Runs a job by an engine unless the answers are given; returns the paths in the order of work.

    ``before`` is called between finding the files and the work on them.
    """
    with hold(job.place), open_ledger(job.ledger, writes=True) as ledger:
        ledger.begin(job.place, Wish({}, {}, job.settings))
        ledger.begin_run("test")
        with open_engine(job, find_files(job, ledger)) as engine:
            before(ledger)
            recorder = Recorder(answers or partial(engine.run, tick=lambda _plain: None))
            work(job, ledger, recorder, lambda _plain, _coded, _files: None)
    return recorder.paths


def rows(job: Job, columns: str) -> dict[str, Any]:
    """Columns of the ledger's files, by path: one value each, or a tuple."""
    with open_ledger(job.ledger, writes=False) as ledger:
        found = ledger.database.execute(f"SELECT path, {columns} FROM files").fetchall()
    return {path: rest[0] if len(rest) == 1 else tuple(rest) for path, *rest in found}
