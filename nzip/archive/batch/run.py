"""A job from its first file to its last."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from typing import Protocol

from nzip.archive.batch.bundle import Bundle, Bundled
from nzip.archive.batch.job import Job
from nzip.archive.batch.ledger import FAILED, GONE, PENDING, Ledger
from nzip.archive.batch.pack import Failed, Packed, Task
from nzip.archive.batch.place import Place, size_of
from nzip.archive.batch.units import Answer, Unit
from nzip.archive.batch.walk import walk
from nzip.messages import reason_for
from nzip.pipeline import EncodeOptions
from nzip.pipeline.progress import Progress, Reporter

log = logging.getLogger(__name__)

LOG_SECONDS = 60  # between two lines of the log that say how far the job is
SYNC_SECONDS = 300  # of work that a power cut costs
MOST_MEMBERS = 1 << 16  # of an archive of several files, whose list is in memory

# Trouble with the target as a whole: each further file would only fail, too.
_HOPELESS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}


class Engine(Protocol):
    """What does the work on files, or bundles of them."""

    def run(self, units: Iterable[Unit], tick: Callable[[int], None]) -> Iterator[Answer]:
        """Yields what becomes of the units, in any order; takes no more of them than it can soon begin.

        ``tick`` is told now and then how many bytes of the files in flight are done.
        """


@contextmanager
def hold(place: Place) -> Iterator[None]:
    """The target's folder, for this process alone, without what a killed one left incomplete."""
    os.makedirs(place.state, exist_ok=True)
    with open(os.path.join(place.state, "lock"), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OSError(errno.EBUSY, "another nzip batch is at work there", place.target) from None
        shutil.rmtree(place.scratch, ignore_errors=True)
        os.makedirs(place.scratch, exist_ok=True)
        try:
            yield
        finally:
            shutil.rmtree(place.scratch, ignore_errors=True)


def setting_text(options: EncodeOptions) -> str:
    """In words, all that the archive's bytes depend on: another text means other archives."""
    components = options.components
    parts = [
        f"level {options.level}",
        f"network {components.network_name}",
        f"prime {components.prime_name}",
    ]
    for name in ("block_size", "solid", "lanes"):
        if (value := getattr(options, name)) not in (None, 1):
            parts.append(f"{name.replace('_', ' ')} {value}")
    return ", ".join(parts)


def find_files(job: Job, ledger: Ledger) -> dict[int, EncodeOptions]:
    """Enter into the ledger what the source holds now; returns the settings by their numbers there."""
    place, kind = job.place, "" if job.archives is None else ", in archives"
    numbers = [ledger.setting(setting_text(rule.options) + kind) for rule in job.rules]

    def is_kept(path: str, coded: int) -> bool:
        return job.archives is not None or size_of(place.target_of(path)) == coded

    for number in ledger.lose_archives(lambda number: size_of(place.archive_of(number))):
        log.warning("archive %d is not as it was made; what was in it is done again", number)
    ledger.enter(walk(place.source, job.wants, job.enters), lambda path: numbers[job.rule_for(path)], is_kept)
    return {number: rule.options for number, rule in zip(numbers, job.rules, strict=True)}


def work(job: Job, ledger: Ledger, engine: Engine, progress: Progress) -> None:
    """Archive all pending files, and try again those that fail, as often as the job says.

    ``progress`` is told the bytes that are dealt with, and how many bytes of archives these will be. Raises
    OSError where there is no point in going on, as on a full disk.
    """
    report = Reporter(progress)
    done = _Done()
    logged = synced = time.monotonic()

    def tick(in_flight: int) -> None:
        nonlocal logged, synced
        plain = done.plain + in_flight
        report(plain, plain * done.coded // done.packed if done.packed else 0)
        now = time.monotonic()
        if now - logged > LOG_SECONDS:
            logged = now
            log.info("%d bytes are done", done.plain)
        if now - synced > SYNC_SECONDS:
            synced = now
            ledger.sync()

    ledger.begin_work()
    # Of a file that is in several archives, the last one has the newest version.
    numbers = count(ledger.last_archive + 1)
    for attempt in range(1, job.attempts + 1):
        units: Iterator[Unit] = _claim(job, ledger)
        if job.archives is not None:
            units = _bundles(job, ledger, job.archives, numbers)
        for answer in engine.run(units, tick):
            with ledger.transaction():
                done.add(_note(job, ledger, answer, attempt))
    ledger.sync()
    ledger.end_run()


@dataclass
class _Done:
    """Bytes of files that are dealt with, those of them that are in archives, and those of the archives."""

    plain: int = 0
    packed: int = 0
    coded: int = 0

    def add(self, more: _Done) -> None:
        self.plain += more.plain
        self.packed += more.packed
        self.coded += more.coded


def _note(job: Job, ledger: Ledger, answer: Answer, attempt: int) -> _Done:
    """Record what became of a unit."""
    archive, done = None, _Done()
    if isinstance(answer, Bundled) and answer.coded:
        archive = answer.bundle.archive
        ledger.complete(archive, answer.coded)
        log.info("archive %d: %d bytes", archive, answer.coded)
    for each in answer.files if isinstance(answer, Bundled) else [answer]:
        if isinstance(each, Packed):
            ledger.done(each, archive)
            log.debug("%s: %d bytes to %d", each.task.path, each.size, each.coded)
            done.add(_Done(each.task.size, each.size, each.coded))
        elif _note_failure(job, ledger, each, attempt) != PENDING:
            done.plain += each.task.size
    return done


def _bundles(job: Job, ledger: Ledger, size: int, numbers: Iterator[int]) -> Iterator[Bundle]:
    """The pending files in groups of so many bytes, for archives whose names are free.

    Nothing is ever replaced, not even what a killed run may have made of the same files: these may be gone.
    """
    for group in ledger.pending_together(size, MOST_MEMBERS):
        free = (number for number in numbers if size_of(job.place.archive_of(number)) is None)
        yield Bundle(next(free), tuple(group))


def _claim(job: Job, ledger: Ledger) -> Iterator[Task]:
    """The pending files whose archives' names are free, or the job's own."""
    for task in ledger.pending():
        if not task.replaces:
            if not job.force and size_of(job.place.target_of(task.path)) is not None:
                ledger.failed(task, FAILED, "the archive's name is taken; -f replaces it", claimed=False)
                log.error("%s: the archive's name is taken", task.path)
                continue
            ledger.claim(task)
        yield replace(task, replaces=task.replaces or job.force)


def _note_failure(job: Job, ledger: Ledger, failure: Failed, attempt: int) -> str:
    """The state of a file after an attempt that failed."""
    task, error = failure.task, failure.error
    code = error.errno if isinstance(error, OSError) else None
    if code in _HOPELESS:
        raise error
    claimed, state, reason = True, FAILED, reason_for(error)
    if isinstance(error, OSError) and error.filename not in (None, job.place.source_of(task.path)):
        reason = f"{os.fsdecode(error.filename)}: {reason}"
    if code == errno.ENOENT and not os.path.lexists(job.place.source_of(task.path)):
        state, reason = GONE, "is gone since it was found"
    elif code == errno.EEXIST and not task.replaces:
        claimed = False  # somebody else's, made a moment ago
    elif attempt < job.attempts:
        state = PENDING
    ledger.failed(task, state, reason, claimed=claimed)
    log.warning("%s: attempt %d of %d: %s", task.path, attempt, job.attempts, reason)
    return state
