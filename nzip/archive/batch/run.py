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

from nzip.archive.archive import Archive
from nzip.archive.batch.bundle import Bundle, Bundled
from nzip.archive.batch.job import Job
from nzip.archive.batch.ledger import Ledger
from nzip.archive.batch.ledger_tables import FAILED, GONE, PENDING
from nzip.archive.batch.pack import Failed, Packed, Task
from nzip.archive.batch.place import Place, number_of, refuse_links, size_of
from nzip.archive.batch.recognise import are_made_with, recognised_members
from nzip.archive.batch.units import Answer, Unit
from nzip.archive.batch.walk import walk
from nzip.format.members import Member
from nzip.info import info
from nzip.messages import printable, reason_for
from nzip.pipeline import Encoding
from nzip.progress import Reporter

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
    refuse_links(place.state)
    with open(os.path.join(place.state, "lock"), "a") as lock:
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


def find_files(job: Job, ledger: Ledger) -> dict[int, Encoding]:
    """Enter into the ledger what the source holds now; returns the settings by their numbers there."""
    place = job.place
    numbers = [ledger.setting(text) for text in job.settings]
    settings = {number: rule.encoding for number, rule in zip(numbers, job.rules, strict=True)}

    def is_kept(path: str, coded: int) -> bool:
        return job.archives is not None or size_of(place.target_of(path)) == coded

    for number in ledger.lose_archives(lambda number: size_of(place.archive_of(number))):
        log.warning("archive %d is not as it was made; what was in it is done again", number)
    ledger.enter(walk(place.source, job.wants, job.enters), lambda path: numbers[job.rule_for(path)], is_kept)
    if job.archives is not None:
        _recognise_archives(job, ledger, settings)
    ledger.entered()
    return settings


def _recognise_archives(job: Job, ledger: Ledger, settings: dict[int, Encoding]) -> None:
    """Take up archives of which no record speaks: a killed run's, or those of a job whose ledger is lost."""
    with os.scandir(job.place.target) as entries:
        numbers = sorted(number for entry in entries if (number := number_of(entry.name)) is not None)
    for number in numbers:
        if not ledger.has_archive(number):
            try:
                with Archive(job.place.archive_of(number), memory_limit=job.memory) as archive:
                    _recognise_archive(job, ledger, settings, number, archive)
            except OSError as error:
                log.warning("archive %d is not of this job, or damaged: %s", number, reason_for(error))


def _recognise_archive(
    job: Job, ledger: Ledger, settings: dict[int, Encoding], number: int, archive: Archive
) -> None:
    path = job.place.archive_of(number)
    coded = os.path.getsize(path)
    stream = info(path).streams[0]
    fitting = {setting for setting, encoding in settings.items() if are_made_with(stream, encoding)}
    known: list[tuple[Task, Member]] = []
    outdated: dict[int, Task] = {}
    for member in archive:
        if member.has_content and (found := ledger.found_in(number, member)) is not None:
            task, mtime_ns, is_done = found
            if is_done:
                outdated[task.id] = task
            if task.setting in fitting and (task.size, mtime_ns) == (member.size, member.mtime_ns):
                known.append((task, member))
    verify = job.verify or ledger.is_unsure
    packed = recognised_members(job.place, archive, coded, known, verify=verify, threads=job.jobs or 0)
    with ledger.transaction():
        ledger.complete(number, coded)
        for each in packed:
            ledger.done(each, number)
            outdated.pop(each.task.id, None)
        for task in outdated.values():
            ledger.do_again(task)
    log.info("archive %d is there; it has %d files as they are now", number, len(packed))


def work(job: Job, ledger: Ledger, engine: Engine, progress: Callable[[int, int, int], None]) -> None:
    """Archive all pending files, and try again those that fail, as often as the job says.

    ``progress`` is told the bytes that are dealt with, how many bytes of archives these will be, and how many
    files are. Raises OSError where there is no point in going on, as on a full disk.
    """
    done = _Done()
    report = Reporter(lambda plain, coded: progress(plain, coded, done.files))
    started = logged = synced = time.monotonic()

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

    # Of a file that is in several archives, the last one has the newest version.
    numbers = count(ledger.last_archive + 1)
    for attempt in range(1, job.attempts + 1):
        units: Iterator[Unit] = _claim(job, ledger)
        if job.archives is not None:
            units = _bundles(job, ledger, job.archives, numbers)
        for answer in engine.run(units, tick):
            with ledger.transaction():
                done.add(_note(job, ledger, answer, attempt))
                ledger.worked(time.monotonic() - started)
    ledger.sync()
    ledger.end_run()


@dataclass
class _Done:
    """Files that are dealt with, their bytes, those of them that are archived, and the archives' bytes."""

    files: int = 0
    plain: int = 0
    packed: int = 0
    coded: int = 0

    def add(self, more: _Done) -> None:
        self.files += more.files
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
            done.add(_Done(1, each.task.size, each.size, each.coded))
        elif _note_failure(job, ledger, each, attempt) != PENDING:
            done.add(_Done(1, each.task.size))
    return done


def _bundles(job: Job, ledger: Ledger, size: int, numbers: Iterator[int]) -> Iterator[Bundle]:
    """The pending files in groups of so many bytes, for archives whose names are free.

    Nothing is ever replaced, not even what a killed run may have made of the same files: these may be gone.
    """
    for group in ledger.pending_together(size, MOST_MEMBERS):
        free = (number for number in numbers if size_of(job.place.archive_of(number)) is None)
        yield Bundle(next(free), tuple(group))


def _claim(job: Job, ledger: Ledger) -> Iterator[Task]:
    """The pending files. The names of their archives are the job's own if they are free, or it is forced."""
    for task in ledger.pending():
        found = not task.replaces and size_of(job.place.target_of(task.path)) is not None
        if not task.replaces and (job.force or not found):
            ledger.claim(task)
        yield replace(task, replaces=task.replaces or job.force, found=found)


def _note_failure(job: Job, ledger: Ledger, failure: Failed, attempt: int) -> str:
    """The state of a file after an attempt that failed."""
    task, error = failure.task, failure.error
    code = error.errno if isinstance(error, OSError) else None
    if code in _HOPELESS:
        raise error
    source = job.place.source_of(task.path)
    claimed, state, reason = task.replaces or not task.found, FAILED, printable(reason_for(error))
    if isinstance(error, OSError) and error.filename not in (None, source):
        reason = f"{printable(error.filename)}: {reason}"
    if code == errno.ENOENT and not os.path.lexists(source):
        os.stat(job.place.source)  # or all of it is gone, as a disk may be, and there is no point in going on
        state, reason = GONE, "is gone since it was found"
    elif code == errno.EEXIST and not task.replaces:
        claimed, reason = False, "the archive's name is taken; -f replaces it"  # perhaps since a moment ago
    elif attempt < job.attempts:
        state = PENDING
    ledger.failed(task, state, reason, claimed=claimed)
    log.warning("%s: attempt %d of %d: %s", task.path, attempt, job.attempts, reason)
    return state
