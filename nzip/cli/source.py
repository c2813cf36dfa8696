"""Where the bytes come from: a file that is fit to be read, or standard input."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple

STDIN = "-"


class Source(NamedTuple):
    """An open source. `status` is that of the open file, so it cannot be another file's."""

    name: str
    file: BinaryIO
    status: os.stat_result

    @property
    def is_file(self) -> bool:
        """A regular file that was given by name."""
        return self.name != STDIN and stat.S_ISREG(self.status.st_mode)

    @property
    def size(self) -> int | None:
        """Bytes to come, where that can be known."""
        return self.status.st_size if stat.S_ISREG(self.status.st_mode) else None

    def check_removable(self) -> None:
        """Refuse before the work what could not be removed after it."""
        if not self.is_file or os.path.islink(self.name):
            raise OSError(errno.EINVAL, "not a regular file; --rm removes nothing else", self.name)

    def has_changed(self) -> bool:
        """Whether somebody wrote to what was opened, as far as that can be known: to a regular file."""
        now = os.fstat(self.file.fileno())
        return self.size is not None and _state(now) != _state(self.status)

    def is_unchanged(self) -> bool:
        """Whether the name still stands for what was opened, and nobody wrote to it."""
        return _identity(os.stat(self.name)) == _identity(self.status)

    def remove(self) -> bool:
        """Remove the file, unless the name no longer stands for what was read."""
        if _identity(os.lstat(self.name)) != _identity(self.status):
            return False
        os.unlink(self.name)
        return True


def _identity(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_dev, status.st_ino, *_state(status)


def _state(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns


@contextmanager
def open_source(name: str, *, any_kind: bool, packs: bool = False) -> Iterator[Source]:
    """Open a source; `any_kind` allows links, pipes and devices.

    What is to be packed may be typed at a terminal; nobody types an archive.
    """
    if name == STDIN:
        if sys.stdin is None:
            raise OSError(errno.EBADF, "is closed", "stdin")
        if sys.stdin.isatty() and not packs:
            raise OSError(errno.EINVAL, "is a terminal; give a FILE or redirect the input", "stdin")
        yield Source(name, sys.stdin.buffer, os.fstat(sys.stdin.fileno()))
        return
    _check_kind(name, any_kind, packs)
    with open(name, "rb") as file:
        yield Source(name, file, os.fstat(file.fileno()))


def _check_kind(name: str, any_kind: bool, packs: bool) -> None:
    """Look before opening: merely opening a pipe would wait for its writer."""
    if os.path.isdir(name):
        hint = "; nzip archive create DIR.nza DIR makes one file of it" if packs else ""
        raise IsADirectoryError(errno.EISDIR, f"is a directory{hint}", name)
    mode = os.lstat(name).st_mode
    if any_kind or stat.S_ISREG(mode):
        return
    kind = "a symbolic link" if stat.S_ISLNK(mode) else "not a regular file"
    raise OSError(errno.EINVAL, f"is {kind}; -f, -c or -o reads it anyway", name)
