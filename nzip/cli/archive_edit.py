"""nzip archive append, delete and rename: an archive is written anew beside the old one."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Sequence
from typing import BinaryIO, cast

import click

from nzip import archive as archives
from nzip.archive import Archive, Made
from nzip.archive.members_by_name import as_member_path
from nzip.cli import options
from nzip.cli.archive_members import archive_argument, chosen_members, complaint
from nzip.cli.archive_sources import Sources
from nzip.cli.archive_sources import sources as with_sources
from nzip.cli.archive_writing import check_written, inode_of, making
from nzip.cli.console import Console
from nzip.cli.decoding import reading
from nzip.cli.encoding import EncodeCommand, encode_options
from nzip.cli.hints import open_archive
from nzip.cli.progress import ProgressBar
from nzip.cli.source import open_source
from nzip.cli.target import open_target
from nzip.pipeline import Decoding, Encoding
from nzip.pipeline.attributes import Attributes


@click.command(cls=EncodeCommand, short_help="Add files to an archive.")
@archive_argument
@with_sources
@click.option("--checksum", is_flag=True, help="Compare contents even where size and time are the same.")
@options.console
@encode_options
def append(
    name: str,
    sources: Sources,
    checksum: bool,
    console: Console,
    encoding: Encoding,
) -> int:
    """Add all files that each PATH names to ARCHIVE. A file replaces the member of the same path.

    What has the size and the time of its member counts as unchanged. The larger archive is written beside the
    old one, whose name it takes when it is complete.
    """

    def work(old: Archive, target: BinaryIO, identity: tuple[int, int], progress: ProgressBar) -> Made:
        return archives.append(
            old,
            target,
            sources.paths,
            encoding,
            folder=sources.folder,
            selection=sources.selection(),
            avoid=[identity],
            checksum=checksum,
            always=False,
            expect=progress.expect,
            complain=complaint(console, name),
            progress=progress,
        )

    return console.for_each([name], lambda name: _replace(console, name, encoding.decoding(), work))


@click.command(short_help="Remove members.")
@archive_argument
@click.argument("members", nargs=-1, required=True, metavar="MEMBER...")
@options.console
@reading
def delete(name: str, members: Sequence[str], decoding: Decoding, console: Console) -> int:
    """Remove each MEMBER from ARCHIVE, folders with all that is in them.

    What shares a block with other members stays in the file, though nothing names it; blocks that nothing
    else needs are removed.
    """

    def work(old: Archive, target: BinaryIO, _identity: tuple[int, int], _progress: ProgressBar) -> Made:
        chosen = chosen_members(old, members, console)
        if not chosen:
            return Made(len(old), sum(member.size for member in old), 0, changed=False)
        return archives.delete(old, target, chosen)

    return console.for_each([name], lambda name: _replace(console, name, decoding, work))


@click.command(short_help="Rename a member.")
@archive_argument
@click.argument("member", metavar="MEMBER")
@click.argument("new", metavar="NEW")
@options.console
@reading
def rename(name: str, member: str, new: str, decoding: Decoding, console: Console) -> int:
    """Give MEMBER of ARCHIVE the path NEW; a folder takes with it all that it holds."""

    def work(old: Archive, target: BinaryIO, _identity: tuple[int, int], _progress: ProgressBar) -> Made:
        return archives.rename(old, target, as_member_path(member), as_member_path(new))

    return console.for_each([name], lambda name: _replace(console, name, decoding, work))


Work = Callable[[Archive, BinaryIO, tuple[int, int], ProgressBar], Made]


def _replace(console: Console, name: str, decoding: Decoding, work: Work) -> None:
    """Writes a new archive beside an old one, whose name it takes when it is complete and can be read."""
    with (
        open_source(name, any_kind=True) as source,
        open_archive(source, decoding) as old,
        open_target(name, None, force=True, binary=True) as target,
        making(console, name) as (progress, report),
    ):
        made = work(old, cast(BinaryIO, target), inode_of(source.status), progress)
        if not made.changed:
            report(made._replace(coded=source.status.st_size))
            return
        check_written(target, made)
        if not source.is_unchanged():
            raise OSError(errno.EBUSY, "was changed by another process meanwhile, and is left so")
        status = source.status
        attributes = Attributes(status.st_mode, time.time_ns(), status.st_uid, status.st_gid)
        target.finish(attributes, durable=True)
        report(made)
