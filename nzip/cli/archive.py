"""nzip archive: many files in one."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO, cast

import click

from nzip import archive as archives
from nzip.archive import Archive, ArchiveWarning, Made, Member, MemberKind, Selection
from nzip.archive.members_by_name import as_member_path, select
from nzip.archive.tree import walk
from nzip.cli import options
from nzip.cli.archive_listing import as_json, as_table, by_path
from nzip.cli.archive_restore import Restoring
from nzip.cli.archive_restore import restoring as with_restoring
from nzip.cli.archive_salvage import salvage
from nzip.cli.archive_sources import Sources
from nzip.cli.archive_sources import sources as with_sources
from nzip.cli.console import EXIT_USAGE, Console, say, tell
from nzip.cli.encoding import EncodeCommand, encoding
from nzip.cli.hints import open_archive, tell_if_repairable
from nzip.cli.path_completion import any_path
from nzip.cli.progress import ProgressBar
from nzip.cli.source import open_source
from nzip.cli.target import open_target
from nzip.errors import NzipChecksumError, NzipError
from nzip.messages import printable
from nzip.pipeline import EncodeOptions
from nzip.pipeline.attributes import Attributes
from nzip.pipeline.own_primes import OwnPrime, make_own_prime
from nzip.pipeline.table import DAMAGE
from nzip.pipeline.target import NewFile, Target
from nzip.resources.devices import CPU
from nzip.sizes import format_size

Command = options.Command

# A prime of the archive's own costs what it is compressed to, and saves the more, the more blocks there are.
FILES_TO_PRIME = 64
MIN_OWN_PRIME, MAX_OWN_PRIME = 16 << 10, 1 << 20


@click.group(short_help="Many files in one archive.", invoke_without_command=True)
@click.pass_context
def archive(ctx: click.Context) -> int:
    """Archives of several files: similar ones share a block, and one is restored without decoding the rest.

    ARCHIVE may have any name; .nza is usual. MEMBER is a member's path, a folder's, or a pattern such as
    "*.json".
    """
    if ctx.invoked_subcommand is None:
        say(ctx.get_help())
        return EXIT_USAGE
    return 0


archive.add_command(salvage)


def _archive_argument(command: Command) -> Command:
    return click.argument("name", metavar="ARCHIVE", shell_complete=any_path)(command)


def _members_argument(command: Command) -> Command:
    return click.argument("members", nargs=-1, metavar="[MEMBER]...")(command)


@archive.command(cls=EncodeCommand, short_help="Make an archive.")
@_archive_argument
@with_sources
@click.option("-f", "--force", is_flag=True, help="Replace an existing file.")
@click.option(
    "--own-prime", is_flag=True, help="Choose a text from the files, store it, and start each block from it."
)
@options.console
@encoding
def create(
    name: str,
    sources: Sources,
    force: bool,
    own_prime: bool,
    console: Console,
    encode_options: EncodeOptions,
) -> int:
    """Put all files that each PATH names into a new ARCHIVE, folders with all that is in them.

    Links are stored as links, identical files once. What cannot be read is told and left out.
    """
    if own_prime and encode_options.prime is not None:
        raise click.UsageError("--prime and --own-prime exclude each other")

    def work(name: str) -> None:
        selection = sources.selection()
        avoid = [_identity(os.stat(name))] if os.path.exists(name) else []
        with (
            open_target(name, None, force=force, binary=True) as target,
            _making(console, name) as (progress, report),
        ):
            made = archives.create(
                cast(BinaryIO, target),
                sources.paths,
                encode_options,
                folder=sources.folder,
                selection=selection,
                own_prime=_own_prime(sources, selection, encode_options) if own_prime else None,
                avoid=avoid,
                expect=progress.expect,
                complain=_complaint(console, name),
                progress=progress,
            )
            if made.members == 0 and console.exit_code:
                raise OSError(errno.ENOENT, "is not made, for there is nothing to put into it")
            _check_written(target, made)
            target.finish(durable=True)
            report(made)

    return console.for_each([name], work)


def _own_prime(sources: Sources, selection: Selection, encode_options: EncodeOptions) -> OwnPrime | None:
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
    return make_own_prime(text, encode_options) if text else None


@archive.command(cls=EncodeCommand, short_help="Add files to an archive.")
@_archive_argument
@with_sources
@click.option("--checksum", is_flag=True, help="Compare contents even where size and time are the same.")
@options.console
@encoding
def append(
    name: str,
    sources: Sources,
    checksum: bool,
    console: Console,
    encode_options: EncodeOptions,
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
            encode_options,
            folder=sources.folder,
            selection=sources.selection(),
            avoid=[identity],
            checksum=checksum,
            always=False,
            expect=progress.expect,
            complain=_complaint(console, name),
            progress=progress,
        )

    memory, device = encode_options.memory_limit, encode_options.device
    return console.for_each([name], lambda name: _replace(console, name, memory, work, device))


@archive.command(short_help="Remove members.")
@_archive_argument
@click.argument("members", nargs=-1, required=True, metavar="MEMBER...")
@options.memory
@options.console
def delete(name: str, members: Sequence[str], memory: int | None, console: Console) -> int:
    """Remove each MEMBER from ARCHIVE, folders with all that is in them.

    What shares a block with other members stays in the file, though nothing names it; blocks that nothing
    else needs are removed.
    """

    def work(old: Archive, target: BinaryIO, _identity: tuple[int, int], _progress: ProgressBar) -> Made:
        chosen = _chosen(old, members, console)
        if not chosen:
            return Made(len(old), sum(member.size for member in old), 0, changed=False)
        return archives.delete(old, target, chosen)

    return console.for_each([name], lambda name: _replace(console, name, memory, work))


@archive.command(short_help="Rename a member.")
@_archive_argument
@click.argument("member", metavar="MEMBER")
@click.argument("new", metavar="NEW")
@options.memory
@options.console
def rename(name: str, member: str, new: str, memory: int | None, console: Console) -> int:
    """Give MEMBER of ARCHIVE the path NEW; a folder takes with it all that it holds."""

    def work(old: Archive, target: BinaryIO, _identity: tuple[int, int], _progress: ProgressBar) -> Made:
        return archives.rename(old, target, as_member_path(member), as_member_path(new))

    return console.for_each([name], lambda name: _replace(console, name, memory, work))


Work = Callable[[Archive, BinaryIO, tuple[int, int], ProgressBar], Made]


def _replace(console: Console, name: str, memory: int | None, work: Work, device: str = CPU) -> None:
    """Writes a new archive beside an old one, whose name it takes when it is complete and can be read."""
    with (
        open_source(name, any_kind=True) as source,
        open_archive(source, memory_limit=memory, device=device) as old,
        open_target(name, None, force=True, binary=True) as target,
        _making(console, name) as (progress, report),
    ):
        made = work(old, cast(BinaryIO, target), _identity(source.status), progress)
        if not made.changed:
            report(made._replace(coded=source.status.st_size))
            return
        _check_written(target, made)
        if not source.is_unchanged():
            raise OSError(errno.EBUSY, "was changed by another process meanwhile, and is left so")
        status = source.status
        attributes = Attributes(status.st_mode, time.time_ns(), status.st_uid, status.st_gid)
        target.finish(attributes, durable=True)
        report(made)


def _check_written(target: Target, made: Made) -> None:
    """Reads the structure of a file that is complete, and the table of its members."""
    if not isinstance(target, NewFile):
        return
    try:
        with target.written() as file, Archive(file) as written:
            is_right = len(written) == made.members
    except NzipError:
        is_right = False
    if not is_right:
        raise NzipChecksumError("what was written cannot be read back: a defect of nzip or of the machine")


@contextmanager
def _making(console: Console, name: str) -> Iterator[tuple[ProgressBar, Callable[[Made], None]]]:
    """The bar while an archive is made, and what is said when it is."""
    start = time.monotonic()

    def report(made: Made) -> None:
        seconds = time.monotonic() - start
        share = f", {100 * made.coded / made.size:.1f} %" if made.size else ""
        sizes = f"{format_size(made.size)} to {format_size(made.coded)}{share}"
        done = "" if made.changed else ", nothing to do"
        console.summary(name, f"{made.members} members, {sizes}{done}, {seconds:.1f} s")
        console.record(
            {
                "file": name,
                "members": made.members,
                "plain_bytes": made.size,
                "coded_bytes": made.coded,
                "changed": made.changed,
                "seconds": round(seconds, 3),
            }
        )

    with ProgressBar(console, name, None, counts_plain=True) as progress:
        yield progress, report


@archive.command("list", short_help="List members.")
@_archive_argument
@_members_argument
@options.memory
@options.console
def list_(name: str, members: Sequence[str], memory: int | None, console: Console) -> int:
    """Show the paths of all members, or of each MEMBER, in order.

    -v shows modes, owners where they are stored, sizes, packed sizes and times, too, and the sums. A member's
    packed size is its share of its blocks; contents that members share count once in the sum.
    """

    def work(name: str) -> None:
        with (
            open_source(name, any_kind=True) as source,
            open_archive(source, memory_limit=memory) as found,
        ):
            chosen = by_path(_chosen(found, members, console))
            if console.as_json:
                lines = list(as_json(name, found, chosen))
            elif console.verbose:
                lines = list(as_table(found, chosen))
            else:
                lines = [printable(member.path) for member in chosen]
        if lines:
            tell("\n".join(lines))

    return console.for_each([name], work)


@archive.command(short_help="Restore members.")
@_archive_argument
@_members_argument
@with_restoring
@options.effort
@options.console
@options.device
@options.prime
def extract(
    name: str,
    members: Sequence[str],
    restoring: Restoring,
    threads: int,
    memory: int | None,
    device: str,
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
        complain_to_user = _complaint(console, name)

        def complain(path: str, error: Exception) -> None:
            nonlocal is_damaged
            is_damaged |= isinstance(error, DAMAGE)
            complain_to_user(path, error)

        with (
            open_source(name, any_kind=True) as source,
            open_archive(source, memory_limit=memory, device=device) as found,
        ):
            chosen = _chosen(found, members, console)
            with _progress(console, name, chosen) as progress:
                done = restoring.extract(
                    found, chosen, threads=threads, complain=complain, progress=progress.done
                )
            if is_damaged:
                tell_if_repairable(console, source)
        seconds = time.monotonic() - start
        console.summary(name, f"{done} of {len(chosen)} members restored, {seconds:.1f} s")
        console.record({"file": name, "members": len(chosen), "restored": done, "seconds": round(seconds, 3)})

    return console.for_each([name], work)


@archive.command(short_help="Test archives.")
@click.argument("names", nargs=-1, required=True, metavar="ARCHIVE...", shell_complete=any_path)
@options.effort
@options.any_environment
@options.console
@options.device
@options.prime
def test(names: Sequence[str], threads: int, memory: int | None, device: str, console: Console) -> int:
    """Decode all members of each ARCHIVE and compare their checksums; nothing is written."""

    def work(name: str) -> None:
        start = time.monotonic()
        damaged = []

        def complain(path: str, error: Exception) -> None:
            damaged.append(path)
            console.member_error(name, path, error)

        with (
            open_source(name, any_kind=True) as source,
            open_archive(source, memory_limit=memory, device=device) as found,
            _progress(console, name, found.members) as progress,
        ):
            archives.check(found, threads=threads, complain=complain, progress=progress.done)
            if damaged:
                tell_if_repairable(console, source)
        seconds = time.monotonic() - start
        state = f"{len(damaged)} damaged" if damaged else "ok"
        console.summary(name, f"{len(found)} members, {state}, {seconds:.1f} s")
        console.record(
            {"file": name, "members": len(found), "damaged": len(damaged), "seconds": round(seconds, 3)}
        )

    return console.for_each(names, work)


@archive.command(short_help="Compare an archive with files.")
@_archive_argument
@click.argument("against", metavar="DIR", shell_complete=any_path)
@options.effort
@options.any_environment
@options.console
@options.device
@options.prime
def verify(name: str, against: str, threads: int, memory: int | None, device: str, console: Console) -> int:
    """Compare all members of ARCHIVE with the files in DIR: contents, kinds, modes, times, links.

    What is new in a folder that the archive holds is told, too. Any difference makes exit code 1.
    """

    def work(name: str) -> None:
        start = time.monotonic()
        count = 0
        with (
            open_source(name, any_kind=True) as source,
            open_archive(source, memory_limit=memory, device=device) as found,
            _progress(console, name, found.members) as progress,
        ):
            os.listdir(against)  # one error rather than one for each member
            for path, what in archives.verify(
                found, against, threads=threads, complain=_complaint(console, name), progress=progress.done
            ):
                console.error(path, OSError(what))
                count += 1
        seconds = time.monotonic() - start
        console.summary(name, f"{len(found)} members, {count or 'no'} differences, {seconds:.1f} s")
        console.record(
            {"file": name, "members": len(found), "differences": count, "seconds": round(seconds, 3)}
        )

    return console.for_each([name], work)


def _chosen(found: Archive, names: Sequence[str], console: Console) -> list[Member]:
    if not names:
        return found.members
    chosen, missing = select(found, names)
    for name in missing:
        console.error(name, FileNotFoundError(errno.ENOENT, "is not in the archive"))
    return chosen


def _progress(console: Console, name: str, members: Sequence[Member]) -> ProgressBar:
    contents = {(member.offset, member.size) for member in members}
    return ProgressBar(console, name, sum(size for _, size in contents), counts_plain=True)


def _complaint(console: Console, archive: str) -> Callable[[str, Exception], None]:
    def complain(path: str, error: Exception) -> None:
        if isinstance(error, ArchiveWarning):
            console.warning(path, str(error))
            return
        console.member_error(archive, path, error)

    return complain


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino
