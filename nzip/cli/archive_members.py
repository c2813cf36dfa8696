"""What the commands on archives share: arguments, the members that they name, and what is told of them."""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence

import click

from nzip.archive import Archive, ArchiveWarning, Member
from nzip.archive.members_by_name import select
from nzip.cli.console import Console
from nzip.cli.defined import Command
from nzip.cli.path_completion import any_path
from nzip.cli.progress import ProgressBar


def archive_argument(command: Command) -> Command:
    return click.argument("name", metavar="ARCHIVE", shell_complete=any_path)(command)


def members_argument(command: Command) -> Command:
    return click.argument("members", nargs=-1, metavar="[MEMBER]...")(command)


def chosen_members(
    found: Archive, names: Sequence[str], console: Console, *, otherwise: str = "is not in the archive"
) -> list[Member]:
    """All members, or those that are named; ``otherwise`` is told of a name that stands for none."""
    if not names:
        return found.members
    chosen, missing = select(found, names)
    for name in missing:
        console.error(name, FileNotFoundError(errno.ENOENT, otherwise))
    return chosen


def member_progress(console: Console, name: str, members: Sequence[Member]) -> ProgressBar:
    """A bar for the members' contents, those that several share counted once."""
    contents = {(member.offset, member.size) for member in members}
    return ProgressBar(console, name, sum(size for _, size in contents), counts_plain=True)


def complaint(console: Console, archive: str) -> Callable[[str, Exception], None]:
    """What tells a user of members that are left out, or of what else a person should know."""

    def complain(path: str, error: Exception) -> None:
        if isinstance(error, ArchiveWarning):
            console.warning(path, str(error))
            return
        console.member_error(archive, path, error)

    return complain
