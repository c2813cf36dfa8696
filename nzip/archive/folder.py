"""The folder into which members are restored. Whatever their names are, nothing outside it is touched."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import BinaryIO

from nzip.archive.owners_and_xattrs import give_xattrs, numbers_of
from nzip.archive.tree import ArchiveWarning, Complaint
from nzip.format.members import Member
from nzip.messages import printable, reason_for
from nzip.pipeline.attributes import give_time
from nzip.pipeline.naming import new_temporary, sweep, take_name, temporary_name
from nzip.pipeline.target import closing_named

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def stays_inside(member: Member) -> bool:
    """Whether a symbolic link leads to some place below the folder where all members are restored.

    A ".." counts only at the beginning of its target: there it stands for a folder that is one, while behind
    a name it could lead anywhere, for that may be a link itself.
    """
    if member.target.startswith("/"):
        return False
    parts = [part for part in member.target.split("/") if part not in ("", ".")]
    up = next((at for at, part in enumerate(parts) if part != ".."), len(parts))
    return up <= member.path.count("/") and ".." not in parts[up:]


class TargetFolder:
    """Makes files, links and folders below a folder. No symbolic link on the way is followed.

    Raises OSError: FileExistsError for what exists, unless ``overwrite`` lets files and links be replaced.
    Folders that exist are used as they are, and the folder itself is made if need be.
    """

    def __init__(
        self,
        path: str,
        *,
        overwrite: bool,
        mode_bits: int,
        owner: bool,
        xattrs: bool,
        complain: Complaint,
    ) -> None:
        self.path = path
        self._overwrite = overwrite
        self._mode_bits = mode_bits  # those of a member's mode that count
        self._owner = owner
        self._xattrs = xattrs
        self._complain = complain  # of what a member is not given
        with suppress(FileExistsError):
            os.makedirs(path)
        self._root = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self.made: list[Member] = []  # folders that did not exist

    def close(self) -> None:
        """Ends the work."""
        os.close(self._root)

    def holds(self, member: Member) -> bool:
        """Whether something has the member's path already."""
        try:
            with self._parent(member.path, makes=False) as (parent, name):
                os.lstat(name, dir_fd=parent)
        except OSError:  # what is in the way is told when the member is to be made
            return False
        return True

    def new_folder(self, member: Member) -> None:
        """Makes a folder; until ``finish_folder`` only the owner has access."""
        with self._parent(member.path) as (parent, name):
            try:
                os.mkdir(name, 0o700, dir_fd=parent)
                self.made.append(member)
            except FileExistsError:
                if not stat.S_ISDIR(os.lstat(name, dir_fd=parent).st_mode):
                    raise

    def finish_folder(self, member: Member) -> None:
        """Gives a folder what writing into it would have spoilt: its mode and time."""
        with self._parent(member.path) as (parent, name):
            descriptor = os.open(name, _FOLDER, dir_fd=parent)
            try:
                self._give_attributes(descriptor, member)
            finally:
                os.close(descriptor)

    @contextmanager
    def new_file(self, member: Member) -> Iterator[BinaryIO]:
        """A file to be written. It takes its name when all went well, and is gone when not."""
        with self._parent(member.path) as (parent, name):
            self._check_free(parent, name)
            temporary = temporary_name()
            try:
                descriptor = new_temporary(temporary, folder=parent)
                with closing_named(member.path, open(descriptor, "w+b")) as file:
                    sweep(parent, os.fstat(descriptor).st_ctime_ns)
                    yield file
                    file.flush()
                    self._give_attributes(descriptor, member)
                take_name(temporary, name, overwrite=self._overwrite, folder=parent)
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(temporary, dir_fd=parent)

    def new_symbolic_link(self, member: Member) -> None:
        """Makes a symbolic link, wherever it leads."""

        def make(name: str) -> None:
            os.symlink(member.target, name, dir_fd=parent)
            self._give_owner(member, partial(os.chown, name, dir_fd=parent, follow_symlinks=False))
            self._tell(member, "time", give_time(name, member.mtime_ns, folder=parent, follow_symlinks=False))

        with self._parent(member.path) as (parent, name):
            self._put(parent, name, make)

    def new_hard_link(self, member: Member) -> None:
        """Makes another name of a file that was made before."""

        def make(name: str) -> None:
            os.link(first, name, src_dir_fd=first_parent, dst_dir_fd=parent, follow_symlinks=False)

        with (
            self._parent(member.target) as (first_parent, first),
            self._parent(member.path) as (parent, name),
        ):
            self._put(parent, name, make)

    def _put(self, parent: int, name: str, make: Callable[[str], None]) -> None:
        self._check_free(parent, name)
        if not self._overwrite:
            make(name)
            return
        temporary = temporary_name()
        try:
            make(temporary)
            os.replace(temporary, name, src_dir_fd=parent, dst_dir_fd=parent)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(temporary, dir_fd=parent)

    def _check_free(self, parent: int, name: str) -> None:
        """Before the work; whatever comes meanwhile is not replaced either."""
        with suppress(FileNotFoundError):
            if stat.S_ISDIR(os.lstat(name, dir_fd=parent).st_mode):
                raise IsADirectoryError(errno.EISDIR, "is a folder here", name)
            if not self._overwrite:
                raise FileExistsError(errno.EEXIST, "exists; -f replaces it", name)

    def _give_attributes(self, descriptor: int, member: Member) -> None:
        mode_bits = self._mode_bits
        if not self._give_owner(member, partial(os.fchown, descriptor)):
            mode_bits &= 0o777  # no rights of an owner who is another one
        if self._xattrs:  # before the mode, which may be that of a file that its owner cannot write to
            for name, refused in give_xattrs(descriptor, member.xattrs):
                self._tell(member, f"attribute {printable(name)}", refused)
        with suppress(OSError):  # a file system without modes is no failure; others come up at closing
            os.fchmod(descriptor, member.mode & mode_bits)
        self._tell(member, "time", give_time(descriptor, member.mtime_ns))

    def _give_owner(self, member: Member, give: Callable[[int, int], None]) -> bool:
        """Before the mode, of which the system drops bits with the owner. Returns whether all is well."""
        if not self._owner or member.owner is None:
            return True
        try:
            give(*numbers_of(member.owner))
        except OSError as error:
            self._tell(member, "owner", error)
            return False
        return True

    def _tell(self, member: Member, what: str, refused: Exception | None) -> None:
        if refused is not None:
            self._complain(member.path, ArchiveWarning(f"does not get its {what}: {reason_for(refused)}"))

    @contextmanager
    def _parent(self, path: str, *, makes: bool = True) -> Iterator[tuple[int, str]]:
        """The open folder that a member lies in, and the member's name there. It may make missing folders."""
        *folders, name = path.split("/")
        current = os.dup(self._root)
        try:
            for folder in folders:
                below = _enter(current, folder, makes)
                os.close(current)
                current = below
            yield current, name
        finally:
            os.close(current)


def _enter(parent: int, name: str, makes: bool) -> int:
    try:
        return os.open(name, _FOLDER, dir_fd=parent)
    except FileNotFoundError:
        if not makes:
            raise
        os.mkdir(name, dir_fd=parent)
        return os.open(name, _FOLDER, dir_fd=parent)
