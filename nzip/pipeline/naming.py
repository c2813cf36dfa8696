"""What a file is called until it is complete, and how it takes its name then."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import stat
from contextlib import suppress

# What link(2) answers on a file system that has no hard links.
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}

_TEMPORARY = re.compile(r"\.nzip-[0-9a-f]{16}\.tmp")
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_FOUND = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

# A day without any change: where locks do not reach, as between some machines, this must do.
STALE_NS = 24 * 3600 * 10**9

_swept: set[tuple[int, int]] = set()  # folders, by device and inode


def temporary_name() -> str:
    """A name for a file that is not complete."""
    return f".nzip-{os.urandom(8).hex()}.tmp"


def is_temporary_name(name: str) -> bool:
    """Whether a file in a folder is not complete, or was left by a process that was killed."""
    return _TEMPORARY.fullmatch(name) is not None


def new_temporary(path: str, *, folder: int | None = None) -> int:
    """Makes a file of a temporary name, for its owner alone; returns its descriptor.

    While that is open, a lock says so to whoever sweeps.
    """
    descriptor = os.open(path, _NEW, 0o600, dir_fd=folder)
    with suppress(OSError):  # a file system without locks: then nobody can take this one either
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return descriptor


def sweep(folder: int, now_ns: int) -> None:
    """Removes, once in a process, the temporary files that killed processes left in an open folder.

    ``now_ns`` is the time by the folder's own clock, as that of a file made there. A file counts as left when
    nothing happened to it for a day and nobody holds its lock.
    """
    status = os.fstat(folder)
    identity = status.st_dev, status.st_ino
    if identity in _swept:
        return
    _swept.add(identity)
    with suppress(OSError), os.scandir(folder) as entries:
        for name in [entry.name for entry in entries if is_temporary_name(entry.name)]:
            with suppress(OSError):
                if _is_left(name, folder, now_ns):
                    os.unlink(name, dir_fd=folder)


def _is_left(name: str, folder: int, now_ns: int) -> bool:
    """Whether nobody is at work on a file; raises OSError where that cannot be known."""
    status = os.lstat(name, dir_fd=folder)
    if status.st_ctime_ns > now_ns - STALE_NS:
        return False
    if not stat.S_ISREG(status.st_mode):
        return stat.S_ISLNK(status.st_mode)  # which is made and renamed in an instant
    descriptor = os.open(name, _FOUND, dir_fd=folder)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def take_name(temporary: str, name: str, *, overwrite: bool, folder: int | None = None) -> None:
    """Gives a file its name in one step; without ``overwrite`` FileExistsError when that is taken.

    Paths are relative to an open folder, if one is given. The temporary name may be left over.
    """
    if overwrite:
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
        return
    try:  # unlike a rename, a link never replaces a file that came meanwhile
        os.link(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, dir_fd=folder))
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
