"""What a file hands on to the file that is made from it: owner, permissions, time."""

from __future__ import annotations

import contextlib
import os
import time
from typing import NamedTuple

from nzip.format.holes import Hole
from nzip.format.metadata import Metadata, is_base_name
from nzip.format.times import nearest_time


class Attributes(NamedTuple):
    """A file system without some of these, or a user who may not set them, is no failure."""

    mode: int
    mtime_ns: int  # whatever the file system has: not every one fits an archive
    uid: int
    gid: int

    @classmethod
    def of(cls, status: os.stat_result) -> Attributes:
        """Those of a file."""
        return cls(status.st_mode & 0o777, status.st_mtime_ns, status.st_uid, status.st_gid)

    def metadata(self, path: str, holes: tuple[Hole, ...] = ()) -> Metadata:
        """What an archive says of the file at this path."""
        name = os.fsencode(os.path.basename(path))
        known = name if is_base_name(name) else None
        return Metadata(known, self.mode, nearest_time(self.mtime_ns), holes=holes)

    def give(self, descriptor: int) -> Exception | None:
        """Apply to an open file. Returns why it does not get its time, if it does not.

        Errors of the disk are left to whoever closes the file.
        """
        mode = self.mode & 0o777
        # Beside those who may not, a user namespace refuses an owner that it does not know.
        with contextlib.suppress(OSError):
            os.fchown(descriptor, self.uid, -1)
        try:
            os.fchown(descriptor, -1, self.gid)
        except OSError:  # then another group is about to get what this one had
            mode &= 0o707 | (mode & 0o007) << 3
        with contextlib.suppress(OSError):
            os.fchmod(descriptor, mode)
        return give_time(descriptor, self.mtime_ns)


def give_time(
    path: int | str, mtime_ns: int, *, folder: int | None = None, follow_symlinks: bool = True
) -> Exception | None:
    """Sets a file's time; returns why it stays as it is, if the system or its file system wants it so."""
    try:
        os.utime(path, ns=(time.time_ns(), mtime_ns), dir_fd=folder, follow_symlinks=follow_symlinks)
    except PermissionError:  # a file system without times, or a user who may not set them, is no failure
        pass
    except (OSError, OverflowError) as error:  # the latter where seconds have 32 bits
        return error
    return None
