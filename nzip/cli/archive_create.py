"""nzip archive create: many files in one."""

from __future__ import annotations

import errno
import os
from typing import BinaryIO, cast

import click

from nzip import archive as archives
from nzip.archive import MemberKind, Selection
from nzip.archive.tree import walk
from nzip.cli import options
from nzip.cli.archive_members import archive_argument, complaint
from nzip.cli.archive_sources import Sources
from nzip.cli.archive_sources import sources as with_sources
from nzip.cli.archive_writing import check_written, inode_of, making
from nzip.cli.console import Console
from nzip.cli.encoding import EncodeCommand, encode_options
from nzip.cli.target import open_target
from nzip.pipeline import Encoding
from nzip.pipeline.own_primes import OwnPrime, make_own_prime

# A prime of the archive's own costs what it is compressed to, and saves the more, the more blocks there are.
FILES_TO_PRIME = 64
MIN_OWN_PRIME, MAX_OWN_PRIME = 16 << 10, 1 << 20


@click.command(cls=EncodeCommand, short_help="Make an archive.")
@archive_argument
@with_sources
@click.option("-f", "--force", is_flag=True, help="Replace an existing file.")
@click.option(
    "--own-prime", is_flag=True, help="Choose a text from the files, store it, and start each block from it."
)
@options.console
@encode_options
def create(
    name: str,
    sources: Sources,
    force: bool,
    own_prime: bool,
    console: Console,
    encoding: Encoding,
) -> int:
    """Put all files that each PATH names into a new ARCHIVE, folders with all that is in them.

    Links are stored as links, identical files once. What cannot be read is told and left out.
    """
    if own_prime and encoding.options.prime is not None:
        raise click.UsageError("--prime and --own-prime exclude each other")

    def work(name: str) -> None:
        selection = sources.selection()
        avoid = [inode_of(os.stat(name))] if os.path.exists(name) else []
        with (
            open_target(name, None, force=force, binary=True) as target,
            making(console, name) as (progress, report),
        ):
            made = archives.create(
                cast(BinaryIO, target),
                sources.paths,
                encoding,
                folder=sources.folder,
                selection=selection,
                own_prime=_own_prime(sources, selection, encoding) if own_prime else None,
                avoid=avoid,
                expect=progress.expect,
                complain=complaint(console, name),
                progress=progress,
            )
            if made.members == 0 and console.exit_code:
                raise OSError(errno.ENOENT, "is not made, for there is nothing to put into it")
            check_written(target, made)
            target.finish(durable=True)
            report(made)

    return console.for_each([name], work)


def _own_prime(sources: Sources, selection: Selection, encoding: Encoding) -> OwnPrime | None:
    """A text from the files that are to be stored, in proportion to them; None where there is none."""
    from nzip.train.own import choose_text, read_samples  # NumPy takes a while to import

    def ignore(_path: str, _error: Exception) -> None:
        """What cannot be read is told later."""

    members = walk(sources.paths, sources.folder, ignore, (), selection)
    files = [
        (entry.source, entry.member.size)
        for entry in members
        if entry.member.kind == MemberKind.FILE and os.access(entry.source, os.R_OK)
    ]
    size = sum(size for _, size in files) // FILES_TO_PRIME
    text = choose_text(read_samples(files), max(MIN_OWN_PRIME, min(size, MAX_OWN_PRIME)))
    return make_own_prime(text, encoding) if text else None
