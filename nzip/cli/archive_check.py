"""nzip archive test and verify: whether an archive is intact, and whether it is what lies on the disk."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

import click

from nzip import archive as archives
from nzip.cli import options
from nzip.cli.archive_members import archive_argument, complaint, member_progress
from nzip.cli.console import Console
from nzip.cli.decoding import testing
from nzip.cli.hints import open_archive, tell_if_repairable
from nzip.cli.path_completion import any_path
from nzip.cli.source import open_source
from nzip.pipeline import Decoding


@click.command(short_help="Test archives.")
@click.argument("names", nargs=-1, required=True, metavar="ARCHIVE...", shell_complete=any_path)
@options.console
@testing
def test(names: Sequence[str], decoding: Decoding, console: Console) -> int:
    """Decode all members of each ARCHIVE and compare their checksums; nothing is written."""

    def work(name: str) -> None:
        start = time.monotonic()
        damaged = []

        def complain(path: str, error: Exception) -> None:
            damaged.append(path)
            console.member_error(name, path, error)

        with (
            open_source(name, any_kind=True) as source,
            open_archive(source, decoding) as found,
            member_progress(console, name, found.members) as progress,
        ):
            archives.check(found, threads=decoding.threads, complain=complain, progress=progress.done)
            if damaged:
                tell_if_repairable(console, source)
        seconds = time.monotonic() - start
        state = f"{len(damaged)} damaged" if damaged else "ok"
        console.summary(name, f"{len(found)} members, {state}, {seconds:.1f} s")
        console.record(
            {"file": name, "members": len(found), "damaged": len(damaged), "seconds": round(seconds, 3)}
        )

    return console.for_each(names, work)


@click.command(short_help="Compare an archive with files.")
@archive_argument
@click.argument("against", metavar="DIR", shell_complete=any_path)
@options.console
@testing
def verify(name: str, against: str, decoding: Decoding, console: Console) -> int:
    """Compare all members of ARCHIVE with the files in DIR: contents, kinds, modes, times, links.

    What is new in a folder that the archive holds is told, too. Any difference makes exit code 1.
    """

    def work(name: str) -> None:
        start = time.monotonic()
        count = 0
        with (
            open_source(name, any_kind=True) as source,
            open_archive(source, decoding) as found,
            member_progress(console, name, found.members) as progress,
        ):
            os.listdir(against)  # one error rather than one for each member
            for path, what in archives.verify(
                found,
                against,
                threads=decoding.threads,
                complain=complaint(console, name),
                progress=progress.done,
            ):
                console.error(path, OSError(what))
                count += 1
        seconds = time.monotonic() - start
        console.summary(name, f"{len(found)} members, {count or 'no'} differences, {seconds:.1f} s")
        console.record(
            {"file": name, "members": len(found), "differences": count, "seconds": round(seconds, 3)}
        )

    return console.for_each([name], work)
