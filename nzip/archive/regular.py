"""Opening what was found on the disk, and nothing that has taken its place since."""

from __future__ import annotations

import errno
import os
import stat


class NotRegularError(OSError):
    """What is there now is no regular file."""


def only_regular(path: str, flags: int) -> int:
    """An opener for ``open``: follows no link and waits for no pipe. Raises NotRegularError."""
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotRegularError(errno.EINVAL, "is no longer a regular file", path)
    return descriptor
