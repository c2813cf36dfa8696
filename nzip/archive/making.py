"""Making an archive of files on the disk, or adding them to an older archive."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from io import FileIO
from typing import BinaryIO, NamedTuple

from nzip.archive.archive import Archive
from nzip.archive.grouping import Grouping
from nzip.archive.known import Known
from nzip.archive.member_table import member_records
from nzip.archive.order import by_similarity
from nzip.archive.selection import ALL, Selection
from nzip.archive.tree import (
    ArchiveWarning,
    Complaint,
    Entry,
    FileChangedWarning,
    open_regular,
    raise_it,
    walk,
)
from nzip.errors import NzipError
from nzip.format.checksum import Check32
from nzip.format.holes import Hole
from nzip.format.members import Member, table_order
from nzip.format.registry import MemberKind
from nzip.format.times import OUT_OF_RANGE, nearest_time
from nzip.machine import default_memory_limit
from nzip.options import EncodeOptions
from nzip.pipeline.encoder import Encoder
from nzip.pipeline.holes import HoleReader, find_holes
from nzip.pipeline.own_primes import OwnPrime
from nzip.progress import Progress
from nzip.streams import write_all

READ_SIZE = 1 << 18

# One member costs the decoding of its block, about a second of it; larger blocks would be smaller in sum.
BLOCK_SIZE = 512 << 10
BLOCK_SIZE_WITH_NETWORK = 256 << 10


Stored = Callable[[Member, bytes], None]


class Made(NamedTuple):
    """What an archive came to hold."""

    members: int
    size: int  # bytes of all members
    coded: int  # bytes of the archive
    changed: bool = True  # or an older archive holds all of it already, and nothing was written


def create(
    dst: BinaryIO,
    paths: Iterable[str],
    options: EncodeOptions | None = None,
    *,
    folder: str = ".",
    own_prime: OwnPrime | None = None,
    selection: Selection = ALL,
    avoid: Iterable[tuple[int, int]] = (),
    complain: Complaint = raise_it,
    expect: Callable[[int], None] | None = None,
    progress: Progress | None = None,
) -> Made:
    """Writes an archive of the files and folders that ``paths``, relative to ``folder``, name.

    ``complain`` is called with the path and the error for what cannot be read, which is left out; by default
    it raises the error. ``selection`` says which files are taken, and what of them. ``avoid`` are files, by
    device and inode, that are passed over, as ``dst`` is. ``expect`` is told how many bytes of content
    ``progress`` will count at most. ``own_prime`` is a text that goes into the archive, whose blocks start
    from it.
    """
    entries = _entries(dst, paths, folder, selection, avoid, complain)
    return store(
        dst, entries, options, own_prime=own_prime, complain=complain, expect=expect, progress=progress
    )


def append(
    old: Archive,
    dst: BinaryIO,
    paths: Iterable[str],
    options: EncodeOptions | None = None,
    *,
    folder: str = ".",
    selection: Selection = ALL,
    avoid: Iterable[tuple[int, int]] = (),
    checksum: bool = False,
    always: bool = True,
    complain: Complaint = raise_it,
    expect: Callable[[int], None] | None = None,
    progress: Progress | None = None,
) -> Made:
    """Writes an archive of all that ``old`` holds and of the files that ``paths`` name.

    A file replaces the member of the same path, whose content stays. Where size and time are the same, so is
    the content, unless ``checksum`` has it read and compared. The old blocks are copied as they are. Not
    ``always``, nothing at all is written when nothing is new or different. Everything else is as with
    ``create``.
    """
    entries = _entries(dst, paths, folder, selection, avoid, complain)
    return store(
        dst,
        entries,
        options,
        old=old,
        selection=selection,
        checksum=checksum,
        always=always,
        complain=complain,
        expect=expect,
        progress=progress,
    )


def _entries(
    dst: BinaryIO,
    paths: Iterable[str],
    folder: str,
    selection: Selection,
    avoid: Iterable[tuple[int, int]],
    complain: Complaint,
) -> Iterator[Entry]:
    for entry in walk(paths, folder, complain, {*avoid, *_inode_of(dst)}, selection):
        if not entry.keeps_time:
            complain(entry.source, ArchiveWarning(OUT_OF_RANGE))
        yield entry


def _inode_of(file: BinaryIO) -> Iterator[tuple[int, int]]:
    with suppress(AttributeError, io.UnsupportedOperation):  # a file in memory
        status = os.fstat(file.fileno())
        yield status.st_dev, status.st_ino


def archive_options(options: EncodeOptions | None) -> EncodeOptions:
    """The options with the block size that archives have unless another one is given."""
    options = options or EncodeOptions()
    if options.block_size is not None:
        return options
    size = BLOCK_SIZE if options.components.network is None else BLOCK_SIZE_WITH_NETWORK
    return replace(options, block_size=size)


def store(
    dst: BinaryIO,
    entries: Iterable[Entry],
    options: EncodeOptions | None = None,
    *,
    old: Archive | None = None,
    selection: Selection = ALL,
    checksum: bool = False,
    always: bool = True,
    own_prime: OwnPrime | None = None,
    stored: Stored | None = None,
    keeps_changed: bool = True,
    complain: Complaint = raise_it,
    expect: Callable[[int], None] | None = None,
    progress: Progress | None = None,
    alone: bool = True,
) -> Made:
    """Writes an archive of entries, and of all that ``old`` holds where it is given; ``append`` says how.

    ``own_prime`` goes into the archive, and its blocks start from it unless the options name another one; the
    prime of ``old`` stays with it. ``stored`` is told each file's member and the SHA-256 of its content. A
    file that changes while it is read is complained of, and left out unless ``keeps_changed``. Everything
    else is as with ``create``. Not ``alone``, it takes no more threads than it has blocks.
    """
    files: dict[tuple[int, int] | str, list[Entry]] = {}  # by inode, where there are hard links
    others = []
    known = Known([] if old is None or checksum else old, selection)
    for entry in entries:
        if entry.member.kind == MemberKind.FILE:
            files.setdefault(_file_key(entry), []).append(entry)
        elif not known.holds([entry]):
            others.append(entry.member)
    files = {key: names for key, names in files.items() if not known.holds(names)}
    sizes = Counter(names[0].member.size for names in files.values())
    plain_size = sum(size * count for size, count in sizes.items())
    if expect is not None:
        expect(plain_size + (0 if old is None else old.blocks.plain_size))
    options = archive_options(options)
    if old is not None:
        always = always or options.recovery > old.recovery
        options = replace(options, recovery=max(options.recovery, old.recovery))
    own_prime = old.blocks.own_prime if old is not None else own_prime
    if own_prime is not None and options.prime is None:
        options = replace(options, prime=own_prime.prime)
    records = b"" if own_prime is None else own_prime.record
    grouping = Grouping()
    encoder = Encoder(options, None, plain_size, progress, records, alone, grouping.before_block)
    writer = _Writer(
        dst, encoder, options, grouping, sizes, known, complain, stored, keeps_changed, old, always
    )
    grouping.add(others, 0)
    if old is not None:
        new = {entry.member.path for names in files.values() for entry in names}
        for member in not_replaced(old, new | {member.path for member in others}):
            grouping.add([member], member.offset + member.size)
    for first in by_similarity([names[0] for names in files.values()]):
        writer.add(files[_file_key(first)])
    return writer.finish(others)


def _file_key(entry: Entry) -> tuple[int, int] | str:
    return entry.inode if entry.links > 1 else entry.source


class _SourceError(Exception):
    """A file could not be read: no reason to stop."""

    def __init__(self, reason: Exception) -> None:
        self.reason = reason


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except (OSError, ArchiveWarning) as error:
        raise _SourceError(error) from error


class _Writer:
    """Writes contents into blocks and remembers whose they are."""

    def __init__(
        self,
        dst: BinaryIO,
        encoder: Encoder,
        options: EncodeOptions,
        grouping: Grouping,
        sizes: Counter[int],
        known: Known,
        complain: Complaint,
        stored: Stored | None,
        keeps_changed: bool,
        old: Archive | None,
        always: bool,
    ) -> None:
        self._dst = dst
        self._encoder = encoder
        self._grouping = grouping
        self._block_bytes = options.block_bytes
        # Whoever reads the table may not be as short of memory as its writer.
        self._memory_limit = max(options.memory_bytes, default_memory_limit())
        self._complain = complain
        self._stored = stored
        self._keeps_changed = keeps_changed
        self._sizes = sizes  # of the files to come: only what is as large as another file can be equal to it
        self._known = known
        self._members: list[Member] = []  # hard links behind what they link to
        self._digests: dict[bytes, Member] = {}  # of the contents, each with a member that has it
        self._old = old
        # By size and check; by offset.
        self._old_contents: dict[tuple[int, int | None], dict[int, Member]] = {}
        self._end = 0 if old is None else old.blocks.plain_size  # of the plaintext
        self._uncopied = old
        self._always = always
        for member in old or ():
            if member.has_content:
                self._old_contents.setdefault((member.size, member.check), {})[member.offset] = member
                self._sizes[member.size] += 1

    def add(self, names: list[Entry]) -> None:
        """Stores a file, which may have several names."""
        first: Member | None = None
        digest = b""
        for entry in names:
            if first is None:
                try:
                    first, digest = self._store(entry)
                except _SourceError as error:
                    self._complain(entry.source, error.reason)
                    continue
                member = first
            else:
                member = first._replace(path=entry.member.path, kind=MemberKind.HARD_LINK, target=first.path)
            self._members.append(member)
            self._grouping.add([member], self._end)
            if self._stored is not None:
                self._stored(member, digest)

    def finish(self, others: list[Member]) -> Made:
        """Writes the table: of the files that were added, of others, and of what they do not replace."""
        members = [*self._members, *others]
        if self._old is not None:
            members = [*not_replaced(self._old, {member.path for member in members}), *members]
        if not self._always and self._uncopied is not None and sorted(members) == sorted(self._uncopied):
            return Made(len(members), sum(member.size for member in members), 0, changed=False)
        self._begin()
        return end_archive(self._dst, self._encoder, members, self._grouping, self._end, self._memory_limit)

    def _begin(self) -> None:
        """Takes over the blocks of the older archive, before anything else is written."""
        old, self._uncopied = self._uncopied, None
        if old is not None:
            for number in range(len(old.blocks)):
                write_all(self._dst, self._encoder.copy_block(*old.blocks.read_block(number)))

    def _store(self, entry: Entry) -> tuple[Member, bytes]:
        """The file's member and its content's digest, where there is an older archive perhaps none."""
        if (known := self._known.content(entry)) is not None:
            return entry.member.with_content(known), b""
        with _reading():
            opened = open_regular(entry.source)
        with opened as file:
            before = os.fstat(file.fileno())
            with _reading():
                holes = find_holes(file)
            found = self._known_content(file, holes) if self._sizes[before.st_size] > 1 else None
            content, digest = found or self._store_content(file, holes, before.st_size)
            after = os.fstat(file.fileno())
        if (after.st_mtime_ns, content.size) != (before.st_mtime_ns, before.st_size):
            if not self._keeps_changed:  # what was read stays in the plaintext and belongs to nobody
                raise _SourceError(FileChangedWarning("changed while it was read"))
            changed = FileChangedWarning("changed while it was read; what was read is stored")
            self._complain(entry.source, changed)
        mode, mtime_ns = stat.S_IMODE(before.st_mode), nearest_time(before.st_mtime_ns)
        return entry.member._replace(mode=mode, mtime_ns=mtime_ns).with_content(content), digest

    def _known_content(self, file: FileIO, holes: tuple[Hole, ...]) -> tuple[Member, bytes] | None:
        """A content that is there already and the same, as far as SHA-256 can tell, and that."""
        digest, size, check = _digest(_pieces(HoleReader(file, holes)))
        for member in self._old_contents.pop((size, check), {}).values():
            self._know_old(member)
        file.seek(0)
        known = self._digests.get(digest)
        return None if known is None else (known, digest)

    def _know_old(self, member: Member) -> None:
        if self._old is None:
            return
        with suppress(NzipError), self._old.open(member) as stored:  # what is damaged is stored anew
            digest, *_ = _digest(iter(partial(stored.read, READ_SIZE), b""))
            self._digests[digest] = member._replace(kind=MemberKind.FILE, target="")

    def _store_content(self, file: FileIO, holes: tuple[Hole, ...], size: int) -> tuple[Member, bytes]:
        self._begin()
        encoder = self._encoder
        if encoder.room < min(size, self._block_bytes // 2):
            write_all(self._dst, encoder.end_block())  # so that the next block holds it whole, or most of it
        start = self._end
        digest, size, check = _digest(self._written(_pieces(HoleReader(file, holes))))
        content = self._digests[digest] = Member("", MemberKind.FILE, 0, 0, size, start, check, holes=holes)
        return content, digest

    def _written(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._end += len(piece)
            write_all(self._dst, self._encoder.write(piece))
            self._encoder.report()
            yield piece


def end_archive(
    dst: BinaryIO,
    encoder: Encoder,
    members: list[Member],
    grouping: Grouping,
    plain_size: int,
    memory_limit: int,
) -> Made:
    """Writes the last blocks, and what comes behind them: the table of these members, the stream's end."""
    members = sorted(members, key=table_order)
    records = member_records(members, plain_size, memory_limit)
    grouping.add(members, plain_size)
    write_all(dst, encoder.end_blocks())
    for piece in encoder.closing(records + grouping.rest()):
        write_all(dst, piece)
    encoder.report()
    return Made(len(members), sum(member.size for member in members), encoder.totals.coded)


def not_replaced(old: Iterable[Member], replaced: set[str]) -> Iterator[Member]:
    """The members of an archive but those of some paths."""
    heirs: dict[str, str] = {}  # of a name that is replaced: the one that takes its place for its hard links
    for member in old:
        if member.path in replaced:
            continue
        if member.kind == MemberKind.HARD_LINK and member.target in replaced:
            heir = heirs.setdefault(member.target, member.path)
            member = member._replace(target=heir)
            if heir == member.path:
                member = member._replace(kind=MemberKind.FILE, target="")
        yield member


def _digest(pieces: Iterable[bytes]) -> tuple[bytes, int, int]:
    """The SHA-256, size and check of a content."""
    digest, check = hashlib.sha256(), Check32()
    size = 0
    for piece in pieces:
        digest.update(piece)
        check.update(piece)
        size += len(piece)
    return digest.digest(), size, check.value


def _pieces(file: HoleReader) -> Iterator[bytes]:
    while True:
        with _reading():
            piece = file.read(READ_SIZE)
        if not piece:
            return
        yield piece
