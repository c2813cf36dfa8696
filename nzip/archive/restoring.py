"""Restoring members."""

from __future__ import annotations

import errno
import os
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from typing import BinaryIO

from nzip.archive.archive import Archive
from nzip.archive.folder import TargetFolder, stays_inside
from nzip.archive.tree import Complaint, raise_it
from nzip.errors import NzipError, check_output
from nzip.format.members import Member
from nzip.format.registry import MemberKind
from nzip.pipeline.holes import EVERYWHERE, HoleWriter
from nzip.pipeline.table import DAMAGE

_PERMISSIONS = 0o777
_ALL_MODE_BITS = 0o7777


def extract(
    archive: Archive,
    folder: str = ".",
    members: Iterable[Member] | None = None,
    *,
    overwrite: bool = False,
    skip_existing: bool = False,
    any_links: bool = False,
    special_bits: bool = False,
    owner: bool = False,
    xattrs: bool = False,
    sparse: bool | None = None,
    threads: int = 1,
    max_output: int | None = None,
    complain: Complaint = raise_it,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Restores members (default: all) below a folder, which is made if need be; returns how many.

    Nothing that exists is replaced, unless ``overwrite`` says so, and no folder ever. It is complained of,
    unless ``skip_existing`` says to pass it over. No link is followed, and symbolic links that lead out of
    the folder are not made without ``any_links``; nor are the setuid, setgid and sticky bits restored without
    ``special_bits``, nor owners and extended attributes without ``owner`` and ``xattrs``. Files have the
    holes that they had; with ``sparse`` all that their zeros make, or none if that is False. ``complain`` is
    called with the path and the error for each member that is not restored, or not wholly; by default it
    raises the error. ``progress`` is told how many bytes of content are done. NzipLimitError is raised when
    all have more than ``max_output`` bytes.
    """
    chosen = archive.members if members is None else list(members)
    if not chosen:
        return 0
    check_output(sum(member.size for member in chosen), max_output)
    mode_bits = _ALL_MODE_BITS if special_bits else _PERMISSIONS
    with closing(
        TargetFolder(
            folder, overwrite=overwrite, mode_bits=mode_bits, owner=owner, xattrs=xattrs, complain=complain
        )
    ) as target:
        work = _Extraction(target, sparse, complain)
        if skip_existing:
            chosen = [each for each in chosen if each.kind == MemberKind.FOLDER or not target.holds(each)]
        for member in chosen:
            if member.kind == MemberKind.FOLDER:
                work.folder(member)
        done = 0
        for group, pieces in archive.contents(chosen, threads=threads):
            work.files(group, pieces)
            done += group[0].size
            if progress is not None:
                progress(done)
        # Last, so that nothing is ever written where they lead.
        for member in chosen:
            if member.kind == MemberKind.SYMBOLIC_LINK:
                work.symbolic_link(member, any_links)
        work.finish_folders()
    return len(work.done)


class _Extraction:
    def __init__(self, target: TargetFolder, sparse: bool | None, complain: Complaint) -> None:
        self.done: set[str] = set()  # paths
        self._target = target
        self._sparse = sparse
        self._complain = complain

    def folder(self, member: Member) -> None:
        with self._recording(member):
            self._target.new_folder(member)

    def finish_folders(self) -> None:
        for member in reversed(self._target.made):
            with self._recording(member):
                self._target.finish_folder(member)

    def symbolic_link(self, member: Member, wherever: bool) -> None:
        with self._recording(member):
            if not wherever and not stays_inside(member):
                raise PermissionError(
                    errno.EPERM, "is a link that may lead out of the folder; --any-links makes it"
                )
            self._target.new_symbolic_link(member)

    def files(self, group: list[Member], pieces: Iterator[memoryview]) -> None:
        """All members that share a content: one is written, the others are copied from it or linked."""
        waiting = deque(group)
        links = []
        while waiting:
            member = waiting.popleft()
            with self._recording(member), self._target.new_file(member) as file:
                self._write(self._with_holes(file, member), pieces, waiting)
                while waiting:
                    other = waiting.popleft()
                    if other.kind == MemberKind.HARD_LINK and self._is_restored(other.target, member):
                        links.append(other)
                    else:
                        self._copy(file, other)
        for link in links:
            with self._recording(link):
                if link.target not in self.done:
                    raise FileNotFoundError(errno.ENOENT, "is another name of a file that is not restored")
                self._target.new_hard_link(link)

    def _with_holes(self, file: BinaryIO, member: Member) -> HoleWriter:
        if self._sparse is None:
            return HoleWriter(file, member.holes)
        return HoleWriter(file, EVERYWHERE if self._sparse else ())

    def _write(self, file: HoleWriter, pieces: Iterator[memoryview], waiting: deque[Member]) -> None:
        """All pieces; when that fails, they are lost for those that are waiting, too."""
        try:
            for piece in pieces:
                file.write(piece)
            file.finish()
        except OSError as error:
            if not _is_fatal(error):
                for member in waiting:
                    self._complain(member.path, error)
                waiting.clear()
            raise

    def _is_restored(self, path: str, being_written: Member) -> bool:
        return path == being_written.path or path in self.done

    def _copy(self, file: BinaryIO, member: Member) -> None:
        with self._recording(member), self._target.new_file(member) as copy:
            file.seek(0)
            writer = self._with_holes(copy, member)
            shutil.copyfileobj(file, writer)
            writer.finish()

    @contextmanager
    def _recording(self, member: Member) -> Iterator[None]:
        """One member's failure does not stop the others."""
        try:
            yield
            self.done.add(member.path)
        except OSError as error:
            if _is_fatal(error):
                if not isinstance(error, NzipError):  # of what is written, not of the archive
                    error.filename = os.path.join(self._target.path, member.path)
                raise
            self._complain(member.path, error)


def _is_fatal(error: OSError) -> bool:
    """Whether the same would befall all members behind one."""
    if isinstance(error, NzipError):
        return not isinstance(error, DAMAGE)
    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
