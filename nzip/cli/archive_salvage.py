"""nzip archive salvage: what is left of a damaged archive."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import click

from nzip.archive import ArchiveWarning, DamagedArchive
from nzip.cli import options
from nzip.cli.archive_members import archive_argument, chosen_members, member_progress, members_argument
from nzip.cli.archive_restore import Restoring
from nzip.cli.archive_restore import restoring as with_restoring
from nzip.cli.console import Console
from nzip.cli.decoding import restoring
from nzip.cli.source import open_source
from nzip.messages import excerpt, reason_for
from nzip.pipeline import Decoding
from nzip.pipeline.table import DAMAGE


@click.command(short_help="Restore what is left of a damaged archive.")
@archive_argument
@members_argument
@with_restoring
@options.console
@restoring
def salvage(
    name: str,
    members: Sequence[str],
    restoring: Restoring,
    decoding: Decoding,
    console: Console,
) -> int:
    """Restore all intact members of a damaged ARCHIVE, or each MEMBER, and list what is lost.

    It does not matter which part is damaged or missing. Nothing is replaced without -f, and nothing outside
    DIR is touched. Exit code 2 when something is lost.
    """

    def work(name: str) -> None:
        start = time.monotonic()
        lost: list[str] = []

        def complain(path: str, error: Exception) -> None:
            if isinstance(error, DAMAGE):
                lost.append(path)
                console.warning(path, f"is lost: {excerpt(reason_for(error))}")
            elif isinstance(error, ArchiveWarning):
                console.warning(path, str(error))
            else:
                console.member_error(name, path, error)

        with (
            open_source(name, any_kind=True) as source,
            DamagedArchive(source.file, decoding) as found,
        ):
            for warning in _losses(found):
                console.warning(name, warning)
            chosen = chosen_members(
                found, members, console, otherwise="is not among what is left of the archive"
            )
            with member_progress(console, name, chosen) as progress:
                done = restoring.extract(
                    found, chosen, threads=decoding.threads, complain=complain, progress=progress.done
                )
        seconds = time.monotonic() - start
        console.summary(name, f"{done} of {len(chosen)} members restored, {seconds:.1f} s")
        console.record(
            {
                "file": name,
                "members": len(chosen),
                "restored": done,
                "lost": lost,
                "damage": found.damage,
                "nameless": found.nameless,
                "seconds": round(seconds, 3),
            }
        )

    return console.for_each([name], work)


def _losses(found: DamagedArchive) -> Iterator[str]:
    """What is lost beside contents."""
    for start, end in found.damage:
        yield f"bytes {start} to {end} of the archive are damaged or lie beside damage"
    if not found.has_table:
        yield "its table of members is lost; those beside the blocks are used, with times in whole seconds"
    if not found.has_end:
        yield "its end is damaged or missing; members that only it named are lost without a trace"
    for start, end in found.nameless:
        yield f"what was in bytes {start} to {end} of the contents has lost its names"
