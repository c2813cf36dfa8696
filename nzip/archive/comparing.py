"""Whether an archive is intact, and whether it holds what is on the disk."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from nzip.archive.archive import Archive
from nzip.archive.tree import ArchiveWarning, Complaint, entry_at, open_regular, raise_it, walk
from nzip.format.members import Member
from nzip.format.registry import MemberKind
from nzip.pipeline.table import DAMAGE

READ_SIZE = 1 << 18


class Difference(NamedTuple):
    """Something that is not the same in the archive and on the disk."""

    path: str
    what: str


def check(
    archive: Archive,
    *,
    threads: int = 1,
    complain: Complaint = raise_it,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Decodes all contents and compares all checksums.

    ``complain`` is called with the path and the NzipError for each member that is damaged; by default it
    raises the error. ``progress`` is told how many bytes of content are done.
    """
    done = 0
    for group, pieces in archive.contents(archive, threads=threads):
        try:
            for _ in pieces:
                pass
        except DAMAGE as error:
            for member in group:
                complain(member.path, error)
        done += group[0].size
        if progress is not None:
            progress(done)


def verify(
    archive: Archive,
    folder: str = ".",
    *,
    threads: int = 1,
    complain: Complaint = raise_it,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Difference]:
    """Compares all members with what is below a folder: kind, content, mode, time, and where links lead.

    What the archive's folders hold on the disk and not in the archive is a difference, too. Contents are
    decoded and compared by SHA-256. Arguments are as those of ``check``; files that cannot be read are
    complained of as damaged members are.
    """
    yield from _unknown(archive, folder, complain)
    same_size = []
    for member in archive:
        try:
            found = entry_at(os.path.join(folder, member.path), member.path).member
        except (FileNotFoundError, NotADirectoryError):
            yield Difference(member.path, "is missing")
        except ArchiveWarning:
            yield Difference(member.path, "is of another kind")
        except OSError as error:
            complain(member.path, error)
        else:
            yield from (Difference(member.path, what) for what in _compare(member, found))
            if member.has_content and found.kind == MemberKind.FILE and found.size == member.size:
                same_size.append(member)
    done = 0
    for group, pieces in archive.contents(same_size, threads=threads):
        yield from _compare_contents(group, pieces, folder, complain)
        done += group[0].size
        if progress is not None:
            progress(done)


def _unknown(archive: Archive, folder: str, complain: Complaint) -> Iterator[Difference]:
    """What the disk has in the archive's folders and the archive has not."""
    known = {member.path for member in archive}
    folders = {member.path for member in archive if member.kind == MemberKind.FOLDER}
    tops = [path for path in sorted(folders) if os.path.dirname(path) not in folders]
    for entry in walk(
        [path for path in tops if os.path.lexists(os.path.join(folder, path))], folder, complain
    ):
        if entry.member.path not in known:
            yield Difference(entry.member.path, "is not in the archive")


def _compare(member: Member, found: Member) -> Iterator[str]:
    kind = MemberKind.FILE if member.has_content else member.kind
    if found.kind != kind:
        yield "is of another kind"
        return
    if found.size != member.size:
        yield "has another size"
    if found.mode != member.mode:
        yield "has another mode"
    if found.mtime_ns != member.mtime_ns and kind != MemberKind.FOLDER:
        yield "has another time"
    if kind == MemberKind.SYMBOLIC_LINK and found.target != member.target:
        yield "leads elsewhere"


def _compare_contents(
    group: list[Member], pieces: Iterator[memoryview], folder: str, complain: Complaint
) -> Iterator[Difference]:
    digest = hashlib.sha256()
    try:
        for piece in pieces:
            digest.update(piece)
    except DAMAGE as error:
        for member in group:
            complain(member.path, error)
        return
    for member in group:
        found = hashlib.sha256()
        try:
            with open_regular(os.path.join(folder, member.path)) as file:
                for data in iter(partial(file.read, READ_SIZE), b""):
                    found.update(data)
        except (OSError, ArchiveWarning) as error:
            complain(member.path, error)
        else:
            if found.digest() != digest.digest():
                yield Difference(member.path, "has another content")
