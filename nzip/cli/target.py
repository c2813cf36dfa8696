"""Which target a name stands for. No accident may destroy data."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from nzip.cli.source import Source
from nzip.pipeline.target import Target, closing_named, named, new_file

STDOUT = "-"


class TextTerminal(Target):
    """Restored text may go to a terminal; restored binary data would only garble it."""

    def write(self, data: bytes | bytearray | memoryview) -> int:
        if b"\0" in bytes(data):
            raise OSError(
                errno.EINVAL, "is a terminal and the data are binary; use -o FILE, or -f to insist", self.name
            )
        return super().write(data)


@contextmanager
def open_target(name: str, source: Source | None, *, force: bool, binary: bool) -> Iterator[Target]:
    """The output of that name: standard output, a device or pipe that exists, or a file to be made.

    `force` lets an existing file be replaced (never the source itself) and binary data go to a terminal. What
    has no single source gives None.
    """
    if name == STDOUT:
        if sys.stdout is None:
            raise OSError(errno.EBADF, "is closed", "stdout")
        _refuse_source(os.fstat(sys.stdout.fileno()), source, "stdout")
        yield _stream("stdout", sys.stdout.buffer, force=force, binary=binary)
        return
    with named(name):
        if not name:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        status = _status(name)
        if status is not None:
            _refuse_source(status, source, name)
            if stat.S_ISDIR(status.st_mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
        if os.path.lexists(name) and _holds_data(status) and not force:
            raise FileExistsError(errno.EEXIST, "exists; -f replaces it", name)
    if status is not None and not stat.S_ISREG(status.st_mode):
        # /dev/null and pipes are written to, never replaced.
        with closing_named(name, open(name, "wb")) as file:
            yield _stream(name, file, force=force, binary=binary)
            with named(name):
                file.close()
        return
    with new_file(name, overwrite=force) as target:
        yield target


def _stream(name: str, file: BinaryIO, *, force: bool, binary: bool) -> Target:
    if force or not file.isatty():
        return Target(name, file)
    if binary:
        raise OSError(
            errno.EINVAL, "is a terminal; use -o FILE for the compressed data, or -f to insist", name
        )
    return TextTerminal(name, file)


def _status(name: str) -> os.stat_result | None:
    try:
        return os.stat(name)
    except FileNotFoundError:
        return None


def _holds_data(status: os.stat_result | None) -> bool:
    """Files, disks and dangling links do; pipes and /dev/null lose nothing when written to."""
    return status is None or stat.S_ISREG(status.st_mode) or stat.S_ISBLK(status.st_mode)


def _refuse_source(status: os.stat_result, source: Source | None, name: str) -> None:
    if source is not None and stat.S_ISREG(status.st_mode) and os.path.samestat(status, source.status):
        raise OSError(errno.EINVAL, "is the source itself", name)
