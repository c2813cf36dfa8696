"""The options that say where members are restored, and what of them."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import click

from nzip import archive as archives
from nzip.archive import Archive, Member
from nzip.archive.tree import Complaint
from nzip.cli.archive_sources import xattrs_option
from nzip.cli.defined import Command, defined
from nzip.cli.path_completion import any_path
from nzip.option_table import MAX_OUTPUT, SPARSE


class Restoring(NamedTuple):
    """How a user wants members to be restored."""

    folder: str
    overwrite: bool
    skip_existing: bool
    any_links: bool
    special_bits: bool
    owner: bool
    xattrs: bool
    sparse: bool | None
    max_output: int | None

    def extract(
        self,
        archive: Archive,
        members: Sequence[Member],
        *,
        threads: int,
        complain: Complaint,
        progress: Callable[[int], None],
    ) -> int:
        """See ``nzip.archive.extract``."""
        return archives.extract(
            archive, members=members, threads=threads, complain=complain, progress=progress, **self._asdict()
        )


def restoring(command: Command) -> Command:
    """Passes the Restoring that the user wants to a command."""

    @click.option(
        "-C",
        "--directory",
        "folder",
        default=".",
        metavar="DIR",
        shell_complete=any_path,
        help="Restore into this folder, which is made.",
    )
    @click.option("-f", "--force", "overwrite", is_flag=True, help="Replace existing files and links.")
    @click.option("--skip-existing", is_flag=True, help="Leave what exists as it is, and say nothing of it.")
    @click.option("--any-links", is_flag=True, help="Make symbolic links that lead out of DIR, too.")
    @click.option("--special-bits", is_flag=True, help="Restore setuid, setgid and sticky bits (root only).")
    @click.option(
        "--owner", is_flag=True, help="Restore users and groups, where they are stored (root only)."
    )
    @xattrs_option("Restore extended attributes and ACLs, where they are stored.")
    @defined(SPARSE, MAX_OUTPUT)
    @functools.wraps(command)
    def wrapper(**given: Any) -> int:
        chosen = Restoring(*(given.pop(name) for name in Restoring._fields))
        if chosen.overwrite and chosen.skip_existing:
            raise click.UsageError("--force and --skip-existing exclude each other")
        if (chosen.special_bits or chosen.owner) and os.geteuid() != 0:
            raise click.UsageError(f"{'--special-bits' if chosen.special_bits else '--owner'} is for root")
        return command(restoring=chosen, any_environment=chosen.overwrite, **given)

    return wrapper
