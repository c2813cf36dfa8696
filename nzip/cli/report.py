"""nzip report: a page about a batch job."""

from __future__ import annotations

import errno
import os

import click

from nzip.archive.batch.job import JobError, ledger_of, read_job
from nzip.archive.batch.ledger import LedgerError
from nzip.archive.batch.ledger_file import open_ledger
from nzip.archive.batch.place import ledger_in
from nzip.archive.batch.report_numbers import collect
from nzip.archive.batch.report_page import page
from nzip.archive.batch.report_sample import measure_levels, take_sample
from nzip.cli import options
from nzip.cli.console import Console, tell
from nzip.cli.path_completion import any_path
from nzip.cli.target import STDOUT, open_target
from nzip.messages import printable


@click.command(short_help="Report on a batch job.")
@click.argument("job", metavar="JOB.toml|DIR|LEDGER", shell_complete=any_path)
@click.option(
    "-o",
    "--output",
    metavar="FILE.html",
    shell_complete=any_path,
    help="Where to [report.html beside the ledger].",
)
@click.option("-f", "--force", is_flag=True, help="Replace FILE.html.")
@click.option("--sample/--no-sample", default=True, help="Measure levels on a sample of the files [yes].")
@options.console
def report(job: str, output: str | None, force: bool, sample: bool, console: Console) -> int:
    """Write one page of HTML about a batch job, at work or ended: totals, types, failures, what is to come.

    DIR is the folder with the archives. The page's name is written to standard output.
    """

    def write(name: str) -> None:
        ledger_path = _find_ledger(name)
        path = output or os.path.join(os.path.dirname(ledger_path), "report.html")
        with open_target(path, None, force=force or output is None, binary=False) as target:
            with open_ledger(ledger_path, writes=False) as ledger:
                if ledger.is_new:
                    raise LedgerError(errno.EINVAL, "no job was ever begun")
                numbers = collect(ledger)
                pieces = take_sample(ledger) if sample else []
            points = measure_levels(pieces, lambda level: console.summary(name, f"measuring level -{level}"))
            target.write(page(numbers, points, sum(map(len, pieces))).encode())
            target.finish()
        if console.as_json:
            console.record({"file": name, "output": path})
        elif path != STDOUT:
            tell(printable(path))

    return console.for_each([job], write)


def _find_ledger(name: str) -> str:
    if os.path.isdir(name):
        path = ledger_in(name)
    elif name.endswith(".toml"):
        try:
            path = ledger_of(read_job(name))
        except JobError as error:
            raise click.UsageError(f"{printable(name)}: {error}") from None
    else:
        path = name
    if not os.path.exists(path):
        raise FileNotFoundError(errno.ENOENT, "holds no batch job; there is no ledger", name)
    return path
