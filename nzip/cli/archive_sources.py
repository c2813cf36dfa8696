"""The options that say which files go into an archive, and what of them."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import click

from nzip.archive import Patterns, Selection
from nzip.cli.defined import Command
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
    @click.option(
        "-C",
        "--directory",
        "folder",
        default=".",
        metavar="DIR",
        shell_complete=any_path,
        help="Take PATHs from this folder.",
    )
    @click.option(
        "--exclude",
        multiple=True,
        metavar="PATTERN",
        help='Leave out what is called so ("*.tmp") or lies there in the archive ("logs/*").',
    )
    @click.option(
        "--exclude-from",
        multiple=True,
        metavar="FILE",
        shell_complete=any_path,
        help="Patterns to exclude, one a line.",
    )
    @click.option("--owner", is_flag=True, help="Store users and groups, too.")
    @xattrs_option("Store extended attributes and ACLs, too.")
    @functools.wraps(command)
    def wrapper(
        paths: Sequence[str],
        folder: str,
        exclude: Sequence[str],
        exclude_from: Sequence[str],
        owner: bool,
        xattrs: bool,
        **rest: Any,
    ) -> int:
        return command(sources=Sources(paths, folder, exclude, exclude_from, owner, xattrs), **rest)

    return wrapper


def xattrs_option(text: str) -> Callable[[Command], Command]:
    """--xattrs, which not every system can do."""

    def check(_ctx: click.Context, _param: click.Parameter, value: bool) -> bool:
        if value and sys.platform != "linux":
            raise click.UsageError("--xattrs works on Linux only")
        return value

    return click.option("--xattrs", is_flag=True, callback=check, help=text)


def _lines(name: str) -> list[str]:
    with open(name, "rb") as file:
        return [os.fsdecode(line) for line in file.read().split(b"\n") if line]
