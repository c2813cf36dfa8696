"""What a file hands on to the file that is made from it: owner, permissions, time."""

from __future__ import annotations

import contextlib
import os
import time
from typing import NamedTuple

from nzip.format.metadata import Metadata, is_base_name


class Attributes(NamedTuple):
    """A file system without some of these, or a user who may not set them, is no failure."""

    mode: int
    mtime_ns: int
    uid: int
    gid: int

    @classmethod
    def of(cls, status: os.stat_result) -> Attributes:
        """Those of a file."""
        return cls(status.st_mode & 0o777, status.st_mtime_ns, status.st_uid, status.st_gid)

    def metadata(self, path: str) -> Metadata:
        """What an archive says of the file at this path."""
        name = os.fsencode(os.path.basename(path))
        return Metadata(name if is_base_name(name) else None, self.mode, self.mtime_ns)

    def give(self, descriptor: int) -> None:
        """Apply to an open file."""
        mode = self.mode & 0o777
        with contextlib.suppress(PermissionError):
            os.fchown(descriptor, self.uid, -1)
        try:
            os.fchown(descriptor, -1, self.gid)
        except PermissionError:  # then another group is about to get what this one had
            mode &= 0o707 | (mode & 0o007) << 3
        with contextlib.suppress(PermissionError):
            os.fchmod(descriptor, mode)
            os.utime(descriptor, ns=(time.time_ns(), self.mtime_ns))
