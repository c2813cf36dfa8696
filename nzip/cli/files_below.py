"""The files that a path stands for, in commands that only look at files."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator

from nzip.cli.console import Console


def files_below(path: str, console: Console) -> Iterator[tuple[str, int]]:
    """A regular file, or all of them in a folder, each with its size, by name; those that can be read."""
    status = os.stat(path)
    if stat.S_ISREG(status.st_mode):
        _check_readable(path)
        yield path, status.st_size
    elif not stat.S_ISDIR(status.st_mode):
        raise OSError(errno.EINVAL, "is neither a file nor a folder", path)
    else:
        for folder, folders, names in os.walk(path, onerror=lambda error: console.error(path, error)):
            folders.sort()
            for inside in (os.path.join(folder, name) for name in sorted(names)):
                try:
                    status = os.lstat(inside)
                    if stat.S_ISREG(status.st_mode):
                        _check_readable(inside)
                        yield inside, status.st_size
                except FileNotFoundError:
                    pass  # gone in the meantime
                except OSError as error:
                    console.error(path, error)


def _check_readable(path: str) -> None:
    """Raises OSError now where reading would: it is told at once, and the others are looked at."""
    open(path, "rb").close()
