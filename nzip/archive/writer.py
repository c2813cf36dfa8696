"""The contents of files as they go into an archive, each once, and the members that have them."""

from __future__ import annotations

import hashlib
import os
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from io import FileIO
from typing import BinaryIO

from nzip.archive.archive import Archive
from nzip.archive.ending import Made, end_archive
from nzip.archive.grouping import Grouping
from nzip.archive.known import Known, not_replaced
from nzip.archive.tree import ArchiveWarning, Complaint, Entry, FileChangedWarning, open_regular
from nzip.errors import NzipError
from nzip.format.checksum import Check32
from nzip.format.holes import Hole
from nzip.format.members import Member
from nzip.format.registry import MemberKind
from nzip.format.times import nearest_time
from nzip.machine import default_memory_limit
from nzip.pipeline.encoder import Encoder
from nzip.pipeline.holes import HoleReader, find_holes
from nzip.pipeline.resolve import Encoding
from nzip.streams import write_all
from nzip.transforms.unpack.formats import holds_streams

READ_SIZE = 1 << 18
HEAD_SIZE = 16  # bytes that tell what a file is

Stored = Callable[[Member, bytes], None]


class SourceError(Exception):
    """A file could not be read: no reason to stop."""

    def __init__(self, reason: Exception) -> None:
        self.reason = reason


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except (OSError, ArchiveWarning) as error:
        raise SourceError(error) from error


class ArchiveWriter:
    """Writes contents into blocks and remembers whose they are."""

    def __init__(
        self,
        dst: BinaryIO,
        encoder: Encoder,
        encoding: Encoding,
        grouping: Grouping,
        sizes: Counter[int],
        known: Known,
        complain: Complaint,
        stored: Stored | None,
        keeps_changed: bool,
        old: Archive | None,
        always: bool,
        largest_block: int,
    ) -> None:
        """Files of packed streams may have blocks of up to ``largest_block`` bytes."""
        self._dst = dst
        self._encoder = encoder
        self._grouping = grouping
        self._block_bytes = encoding.block_bytes
        self._largest_block = largest_block
        # Whoever reads the table may not be as short of memory as its writer.
        self._memory_limit = max(encoding.memory_limit, default_memory_limit())
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
                except SourceError as error:
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
                raise SourceError(FileChangedWarning("changed while it was read"))
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
        keeps_whole = self._largest_block > 0 and _holds_streams(file)
        if keeps_whole and size > self._block_bytes:
            write_all(self._dst, encoder.begin_blocks(size, self._largest_block))
        elif encoder.room < min(size, self._block_bytes if keeps_whole else self._block_bytes // 2):
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


def _holds_streams(file: FileIO) -> bool:
    with _reading():
        head = file.read(HEAD_SIZE)
        file.seek(0)
    return holds_streams(head)


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
