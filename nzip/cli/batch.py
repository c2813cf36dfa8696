"""nzip batch: compress every file of a folder, in a job that can be stopped and resumed."""

from __future__ import annotations

import errno
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import click

from nzip.archive.batch.job import WISH_KEYS, Job, JobError, ledger_of, make_job, read_job, seen_from
from nzip.archive.batch.job_options import COMMAND
from nzip.archive.batch.ledger import Ledger
from nzip.archive.batch.ledger_file import open_ledger, readable_wish, set_aside
from nzip.archive.batch.ledger_tables import DONE, FAILED, GONE, PENDING, SKIPPED
from nzip.archive.batch.local import Local
from nzip.archive.batch.run import Engine, find_files, hold, work
from nzip.archive.batch.wish import Wish, differences, taken_up, wish_of
from nzip.cli import options
from nzip.cli.console import EXIT_PARTIAL, Console
from nzip.cli.defined import defined
from nzip.cli.encoding import EncodeCommand
from nzip.cli.path_completion import any_path
from nzip.cli.progress import ProgressBar
from nzip.cli.signals import Stopped, install
from nzip.cli.transfer import describe, totals_record
from nzip.messages import printable, reason_for
from nzip.pipeline import Encoding, Totals

log = logging.getLogger("nzip.archive.batch")

_SHOWN = 20  # files that failed


class NotArchivedError(Exception):
    """A file of the job that failed."""

    exit_code = EXIT_PARTIAL


@click.command(cls=EncodeCommand, short_help="Compress all files of a folder, or resume that.")
@click.argument("job", metavar="JOB.toml|SOURCE", shell_complete=any_path)
@defined(*COMMAND)
@click.option(
    "--resume", is_flag=True, help="Go on with a job as it was begun, or do what changed since it ended."
)
@click.option(
    "--rebuild", is_flag=True, help="Set a damaged ledger aside; go on from the archives that are there."
)
@options.console
@options.checked_device
def batch(job: str, resume: bool, rebuild: bool, console: Console, **given: Any) -> int:
    """Compress every file below SOURCE to DIR/its/path.nz, or do what JOB.toml says (options override it).
    With --archives 256M they go to DIR/00001.nza, DIR/00002.nza and so on, for nzip archive.

    The job keeps records, can be killed at any moment, and goes on with --resume where it was, and as it was
    begun: level, patterns and the like need not be said again. Others are refused, unless --force makes anew
    what differs. A rule in JOB.toml, [[rules]] patterns = ["*.log"] level = 3, gives files another level,
    model or prime. --json tells of the whole job, and of each file that failed.
    """
    values = {key: list(value) if isinstance(value, tuple) else value for key, value in given.items()}
    options = {key: value for key, value in values.items() if value not in (None, [])}

    def run(name: str) -> None:
        try:
            file = read_job(name) if name.endswith(".toml") else None
            said = seen_from(os.getcwd(), ({"source": name} if file is None else {}) | options)
            _run(file, said, console, resume=resume, rebuild=rebuild)
        except JobError as error:
            raise click.UsageError(f"{printable(name)}: {error}") from None

    return console.for_each([job], run)


def _run(
    file: dict[str, Any] | None, said: dict[str, Any], console: Console, *, resume: bool, rebuild: bool
) -> None:
    values = {**(file or {}), **said}
    path = ledger_of(values)
    begun = None
    if rebuild:
        begun = readable_wish(path)
    elif os.path.lexists(path):
        if not resume:
            raise FileExistsError(errno.EEXIST, "there is a job already; --resume goes on with it", path)
        begun = _wish_in(path)
    if begun is not None:
        own = {key: value for key, value in values.items() if key not in WISH_KEYS}
        values = own | taken_up(begun, file, said)
    job = make_job(values)
    wish = wish_of(job, values, begun.file if file is None and begun is not None else file or {})
    if begun is not None and (other := differences(begun, wish)):
        _take_up(console, path, "; ".join(other), force=job.force)
    _work(job, wish, console, rebuild=rebuild)


def _wish_in(path: str) -> Wish | None:
    """What the job was begun for; None where its ledger is still empty."""
    with open_ledger(path, writes=False) as ledger:
        return None if ledger.is_new else ledger.wish


def _take_up(console: Console, path: str, other: str, *, force: bool) -> None:
    """A wish that is not what the job was begun with: told, and only taken up when that is forced."""
    if not force:
        raise FileExistsError(
            errno.EEXIST,
            f"the job was begun with {other}; without that it goes on, --force makes anew what differs",
            path,
        )
    console.line(path, f"the job was begun with {other}; what differs is made anew")


def _work(job: Job, wish: Wish, console: Console, *, rebuild: bool) -> None:
    name = job.place.target
    start = time.monotonic()
    with hold(job.place), _log_file(job.log, verbose=console.verbose):
        if rebuild and (aside := set_aside(job.ledger)):
            console.summary(job.ledger, f"is {aside} now")
            log.info("ledger set aside: %s", aside)
        with open_ledger(job.ledger, writes=True) as ledger:
            ledger.begin(job.place, wish)
            try:
                ledger.begin_run(job.engine)
                described = "; ".join(job.settings)
                log.info("begun: %s to %s, %s", job.place.source, name, described)
                settings = find_files(job, ledger)
                found = ledger.counts()
                pending = found[PENDING]
                log.info("%d files are to be done, %d bytes", pending.files, pending.size)
                bar = ProgressBar(
                    console, os.path.basename(name), pending.size, counts_plain=True, files=pending.files
                )
                with _engine(job, settings) as engine, bar as progress:
                    work(job, ledger, engine, progress)
            except Stopped:
                log.warning("stopped by a signal")
                console.line(name, "stopped; --resume goes on from here")
                raise
            except OSError as error:
                log.error("broken off: %s", reason_for(error))
                raise
            _report(ledger, console, name, found[DONE].files, time.monotonic() - start)


@contextmanager
def _engine(job: Job, settings: dict[int, Encoding]) -> Iterator[Engine]:
    if job.engine == "local":
        yield Local(job.place, settings, jobs=job.jobs, memory=job.memory, verify=job.verify)
        return
    try:
        from nzip.archive.batch.cluster import open_cluster
    except ModuleNotFoundError as missing:
        if missing.name != "ray":
            raise
        raise click.UsageError("the engine ray needs Ray: pip install 'nzip[ray]'") from None
    with open_cluster(job, settings) as cluster:
        install()  # Ray has handlers of its own
        yield cluster


def _report(ledger: Ledger, console: Console, name: str, known: int, seconds: float) -> None:
    counts = ledger.counts()
    done, failed, skipped, gone = (counts[state] for state in (DONE, FAILED, SKIPPED, GONE))
    shown = ledger.reasons(FAILED, _SHOWN)
    for path, reason in shown:
        console.error(path, NotArchivedError(reason))
    if failed.files > len(shown):
        console.error(name, NotArchivedError(f"{failed.files - len(shown)} more; nzip report lists them"))
    if skipped.files:
        console.warning(name, f"{skipped.files} links and special files are left out")
    if gone.files:
        console.warning(name, f"{gone.files} files are gone since they were found")
    if warned := ledger.warnings:
        console.warning(name, f"{warned} files are archived with another time than their own")
    totals = Totals(done.size, done.coded)
    archives = f" in {ledger.archives} archives" if ledger.archives else ""
    text = (
        f"{done.files} files{archives}, {done.files - known} of them now,"
        f" {describe(totals, seconds, packs=True)}"
    )
    log.info("ended: %s; %d failed, %d skipped, %d gone", text, failed.files, skipped.files, gone.files)
    console.summary(name, text)
    states = {state: count.files for state, count in counts.items()}
    console.record({"out": name, **totals_record(totals, seconds), **states, "exit_code": console.exit_code})


@contextmanager
def _log_file(path: str, *, verbose: bool) -> Iterator[None]:
    handler = _LogFile(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.DEBUG if verbose else logging.INFO)
    log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(handler)
        handler.close()


class _LogFile(logging.FileHandler):
    def format(self, record: logging.LogRecord) -> str:
        return printable(super().format(record))  # names may hold line ends

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """A full disk: the job meets it, too, and tells."""

    def flush(self) -> None:
        with suppress(OSError):
            super().flush()

    def close(self) -> None:
        with suppress(OSError):  # what could not be written is tried once more
            super().close()
