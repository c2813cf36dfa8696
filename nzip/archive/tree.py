"""What is found on the disk: members to be, and where they come from."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from io import FileIO
from typing import NamedTuple, NoReturn

from nzip.archive.owners_and_xattrs import owner_of, xattrs_of
from nzip.archive.regular import NotRegularError, only_regular
from nzip.archive.selection import ALL, Selection
from nzip.format.members import Member
from nzip.format.registry import MemberKind
from nzip.format.times import nearest_time
from nzip.pipeline.naming import is_temporary_name

# What could not be taken in, and why; the rest goes on.
Complaint = Callable[[str, Exception], None]


class ArchiveWarning(UserWarning):
    """What a person should know and is no error: a pipe is left out, a file changed while it was read."""


class FileChangedWarning(ArchiveWarning):
    """A file is not what it was when reading began."""


class Entry(NamedTuple):
    """A file, folder or link on the disk."""

    member: Member
    source: str  # its path on the disk
    inode: tuple[int, int]
    links: int  # names that the inode has
    keeps_time: bool = True  # or the member has the nearest time that an archive can hold


def raise_it(_path: str, error: Exception) -> NoReturn:
    """The strictest way to complain."""
    raise error


def walk(
    paths: Iterable[str],
    folder: str,
    complain: Complaint,
    avoid: Iterable[tuple[int, int]] = (),
    selection: Selection = ALL,
) -> Iterator[Entry]:
    """All that the paths name, folders with what is in them, sorted by name within each folder.

    Paths are relative to ``folder``. A member is called as its path, but without what leads out of a folder:
    a first "/", and any "..". Links are not followed. Files to avoid, given by device and inode, are passed
    over, which is complained of where one is named; so are nzip's files that are not complete. What is
    excluded by its member's path is not looked at, nor is what lies in such a folder.
    """
    avoided = frozenset(avoid)
    seen: dict[str, tuple[int, int]] = {}
    for path in paths:
        source = path if folder == os.curdir else os.path.join(folder, path)
        if is_temporary_name(os.path.basename(source)):
            complain(source, ArchiveWarning("is what nzip has not completed, and left out"))
            continue
        for entry in _walk_one(source, member_path(path), complain, selection):
            if entry.inode in avoided:
                if entry.source == source:
                    complain(source, ArchiveWarning("is the archive itself, and left out"))
            elif (inode := seen.setdefault(entry.member.path, entry.inode)) is entry.inode:
                yield entry
            elif inode != entry.inode:
                complain(entry.source, ArchiveWarning("is called as another file is; left out"))


def member_path(path: str) -> str:
    """The name of a member from a path on the disk; "" for the current folder.

    >>> member_path("/etc/passwd"), member_path("../a/./b"), member_path(".")
    ('etc/passwd', 'a/b', '')
    """
    return "/".join(part for part in os.path.normpath(path).split("/") if part not in ("", ".", ".."))


def _walk_one(source: str, path: str, complain: Complaint, selection: Selection) -> Iterator[Entry]:
    waiting = [(source, path)]
    while waiting:
        source, path = waiting.pop()
        if selection.excluded.match(path):
            continue
        try:
            entry = entry_at(source, path, selection)
            if path:
                yield entry
            if entry.member.kind == MemberKind.FOLDER:
                inside = sorted(os.listdir(source), reverse=True)  # the last is taken first
                waiting += [
                    (os.path.join(source, name), f"{path}/{name}" if path else name)
                    for name in inside
                    if not is_temporary_name(name)
                ]
        except (OSError, ArchiveWarning) as error:
            complain(source, error)


def entry_at(source: str, path: str, selection: Selection = ALL) -> Entry:
    """What there is on the disk; ArchiveWarning for a device, a pipe or a socket."""
    status = os.lstat(source)
    mode, mtime_ns = stat.S_IMODE(status.st_mode), nearest_time(status.st_mtime_ns)
    if stat.S_ISREG(status.st_mode):
        member = Member(path, MemberKind.FILE, mode, mtime_ns, status.st_size)
    elif stat.S_ISDIR(status.st_mode):
        member = Member(path, MemberKind.FOLDER, mode, mtime_ns)
    elif stat.S_ISLNK(status.st_mode):
        member = Member(path, MemberKind.SYMBOLIC_LINK, 0, mtime_ns, target=os.readlink(source))
    else:
        raise ArchiveWarning("is a device, a pipe or a socket, and left out")
    if selection.owner:
        member = member._replace(owner=owner_of(status))
    if selection.xattrs and member.kind != MemberKind.SYMBOLIC_LINK:
        member = member._replace(xattrs=xattrs_of(source))
    inode = status.st_dev, status.st_ino
    return Entry(member, source, inode, status.st_nlink, keeps_time=mtime_ns == status.st_mtime_ns)


def open_regular(path: str) -> FileIO:
    """Opens a regular file to be read; ArchiveWarning for what has taken its place since it was found."""
    try:
        return FileIO(path, opener=only_regular)
    except NotRegularError:
        raise ArchiveWarning("is no longer a regular file, and left out") from None
