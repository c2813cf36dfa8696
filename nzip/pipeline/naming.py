"""How a finished file takes its name."""

from __future__ import annotations

import errno
import os

# What link(2) answers on a file system that has no hard links.
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


def temporary_name() -> str:
    """A name for a file that is not complete."""
    return f".nzip-{os.urandom(8).hex()}.tmp"


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
