"""nzip archive extract: members as files again."""

from __future__ import annotations

import time
from collections.abc import Sequence

import click

from nzip.cli import options
from nzip.cli.archive_members import (
    archive_argument,
    chosen_members,
    complaint,
    member_progress,
    members_argument,
)
from nzip.cli.archive_restore import Restoring
from nzip.cli.archive_restore import restoring as with_restoring
from nzip.cli.console import Console
from nzip.cli.decoding import restoring
from nzip.cli.hints import open_archive, tell_if_repairable
from nzip.cli.source import open_source
from nzip.pipeline import Decoding
from nzip.pipeline.table import DAMAGE


@click.command(short_help="Restore members.")
@archive_argument
@members_argument
@with_restoring
@options.console
@restoring
def extract(
    name: str,
    members: Sequence[str],
    restoring: Restoring,
    decoding: Decoding,
    console: Console,
) -> int:
    """Restore all members of ARCHIVE, or each MEMBER, with their modes and times.

    Nothing is replaced without -f, and nothing outside DIR is touched, whatever the archive says. A damaged
    member is told, and the others are restored. With -f, a language model is tried even where another
    library or device evaluates it than when it compressed.
    """

    def work(name: str) -> None:
        start = time.monotonic()
        is_damaged = False
        complain_to_user = complaint(console, name)

        def complain(path: str, error: Exception) -> None:
            nonlocal is_damaged
            is_damaged |= isinstance(error, DAMAGE)
            complain_to_user(path, error)

        with (
            open_source(name, any_kind=True) as source,
            open_archive(source, decoding) as found,
        ):
            chosen = chosen_members(found, members, console)
            with member_progress(console, name, chosen) as progress:
                done = restoring.extract(
                    found, chosen, threads=decoding.threads, complain=complain, progress=progress.done
                )
            if is_damaged:
                tell_if_repairable(console, source)
        seconds = time.monotonic() - start
        console.summary(name, f"{done} of {len(chosen)} members restored, {seconds:.1f} s")
        console.record({"file": name, "members": len(chosen), "restored": done, "seconds": round(seconds, 3)})

    return console.for_each([name], work)
