"""The options that say where members are restored, and what of them."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import click

from nzip import archive as archives
from nzip.archive import Archive, Member
from nzip.archive.options import RESTORING
from nzip.archive.tree import Complaint
from nzip.cli.archive_sources import check_xattrs
from nzip.cli.defined import Command, defined, taken


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

    @defined(*RESTORING)
    @functools.wraps(command)
    def wrapper(**given: Any) -> int:
        chosen = Restoring(**taken(given, RESTORING))
        if chosen.overwrite and chosen.skip_existing:
            raise click.UsageError("--force and --skip-existing exclude each other")
        if (chosen.special_bits or chosen.owner) and os.geteuid() != 0:
            raise click.UsageError(f"{'--special-bits' if chosen.special_bits else '--owner'} is for root")
        check_xattrs(chosen.xattrs)
        return command(restoring=chosen, any_environment=chosen.overwrite, **given)

    return wrapper
