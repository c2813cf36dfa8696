"""The options that say which files go into an archive, and what of them."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import click

from nzip.archive import Patterns, Selection
from nzip.archive.options import STORING
from nzip.cli.defined import Command, defined, taken
from nzip.cli.path_completion import any_path


class Sources(NamedTuple):
    """What a user named."""

    paths: Sequence[str]
    folder: str
    excluded: Sequence[str]  # patterns
    excluded_from: Sequence[str]  # files of patterns
    owner: bool
    xattrs: bool

    def selection(self) -> Selection:
        """What of the paths is taken. Raises OSError for a file of patterns that cannot be read."""
        more = (pattern for name in self.excluded_from for pattern in _lines(name))
        return Selection(Patterns([*self.excluded, *more]), self.owner, self.xattrs)


def sources(command: Command) -> Command:
    """Passes the Sources that the user named to a command."""

    @click.argument("paths", nargs=-1, required=True, metavar="PATH...", shell_complete=any_path)
    @defined(*STORING)
    @functools.wraps(command)
    def wrapper(paths: Sequence[str], **given: Any) -> int:
        chosen = Sources(paths, **taken(given, STORING))
        check_xattrs(chosen.xattrs)
        return command(sources=chosen, **given)

    return wrapper


def check_xattrs(wanted: bool) -> None:
    """Not every system can store and restore them."""
    if wanted and sys.platform != "linux":
        raise click.UsageError("--xattrs works on Linux only")


def _lines(name: str) -> list[str]:
    with open(name, "rb") as file:
        return [os.fsdecode(line) for line in file.read().split(b"\n") if line]
