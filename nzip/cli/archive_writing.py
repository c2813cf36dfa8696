"""Writing an archive from the command: what is shown meanwhile, and the check of what was written."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nzip.archive import Archive, Made
from nzip.cli.console import Console
from nzip.cli.progress import ProgressBar
from nzip.errors import NzipChecksumError, NzipError
from nzip.pipeline.target import NewFile, Target
from nzip.sizes import format_size


def inode_of(status: os.stat_result) -> tuple[int, int]:
    """What tells a file from all others, whatever it is called."""
    return status.st_dev, status.st_ino


def check_written(target: Target, made: Made) -> None:
    """Reads the structure of a file that is complete, and the table of its members."""
    if not isinstance(target, NewFile):
        return
    try:
        with target.written() as file, Archive(file) as written:
            is_right = len(written) == made.members
    except NzipError:
        is_right = False
    if not is_right:
        raise NzipChecksumError("what was written cannot be read back: a defect of nzip or of the machine")


@contextmanager
def making(console: Console, name: str) -> Iterator[tuple[ProgressBar, Callable[[Made], None]]]:
    """The bar while an archive is made, and what is said when it is."""
    start = time.monotonic()

    def report(made: Made) -> None:
        seconds = time.monotonic() - start
        share = f", {100 * made.coded / made.size:.1f} %" if made.size else ""
        sizes = f"{format_size(made.size)} to {format_size(made.coded)}{share}"
        done = "" if made.changed else ", nothing to do"
        console.summary(name, f"{made.members} members, {sizes}{done}, {seconds:.1f} s")
        console.record(
            {
                "file": name,
                "members": made.members,
                "plain_bytes": made.size,
                "coded_bytes": made.coded,
                "changed": made.changed,
                "seconds": round(seconds, 3),
            }
        )

    with ProgressBar(console, name, None, counts_plain=True) as progress:
        yield progress, report
