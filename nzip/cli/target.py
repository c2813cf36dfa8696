"""Where the bytes go: a stream, or a file that appears only when complete. No accident may destroy data."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from nzip.cli.attributes import Attributes
from nzip.cli.source import Source
from nzip.pipeline.naming import take_name, temporary_name

STDOUT = "-"


class Target:
    """An output stream; errors name it, since the source's name would mislead about a full disk."""

    is_file = False

    def __init__(self, name: str, file: BinaryIO) -> None:
        self.name = name
        self._file = file

    def write(self, data: bytes | bytearray | memoryview) -> int:
        with _named(self.name):
            return self._file.write(data)

    def fileno(self) -> int:
        return self._file.fileno()

    def finish(self, attributes: Attributes | None = None, *, durable: bool = False) -> None:
        """The output is complete; a file gets its attributes, and if durable survives a power cut."""
        with _named(self.name):
            self._file.flush()


class TextTerminal(Target):
    """Restored text may go to a terminal; restored binary data would only garble it."""

    def write(self, data: bytes | bytearray | memoryview) -> int:
        if b"\0" in bytes(data):
            raise OSError(
                errno.EINVAL, "is a terminal and the data are binary; use -o FILE, or -f to insist", self.name
            )
        return super().write(data)


class NewFile(Target):
    """A file written under a temporary name beside its own, which it takes in one step when complete."""

    is_file = True

    def __init__(self, name: str, path: str, temporary: str, file: BinaryIO, *, overwrite: bool) -> None:
        super().__init__(name, file)
        self._path = path
        self._temporary = temporary
        self._overwrite = overwrite

    def finish(self, attributes: Attributes | None = None, *, durable: bool = False) -> None:
        with _named(self.name):
            self._file.flush()
            descriptor = self._file.fileno()
            if attributes is None:
                os.fchmod(descriptor, 0o666 & ~_umask())
            else:
                attributes.give(descriptor)
            if durable:
                os.fsync(descriptor)
            self._file.close()
            take_name(self._temporary, self._path, overwrite=self._overwrite)
            if durable:
                _sync_folder_of(self._path)


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
    with _named(name):
        status = _status(name)
        if status is not None:
            _refuse_source(status, source, name)
            if stat.S_ISDIR(status.st_mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
        if os.path.lexists(name) and _holds_data(status) and not force:
            raise FileExistsError(errno.EEXIST, "exists; -f replaces it", name)
    if status is not None and not stat.S_ISREG(status.st_mode):
        with open(name, "wb") as file:  # /dev/null and pipes are written to, never replaced
            yield _stream(name, file, force=force, binary=binary)
        return
    with _new_file(name, overwrite=force) as target:
        yield target


def _stream(name: str, file: BinaryIO, *, force: bool, binary: bool) -> Target:
    if force or not file.isatty():
        return Target(name, file)
    if binary:
        raise OSError(
            errno.EINVAL, "is a terminal; use -o FILE for the compressed data, or -f to insist", name
        )
    return TextTerminal(name, file)


@contextmanager
def _new_file(name: str, *, overwrite: bool) -> Iterator[NewFile]:
    path = os.path.realpath(name)  # what a link stands for is replaced, as the shell's > would, not the link
    temporary = os.path.join(os.path.dirname(path), temporary_name())
    try:  # entered before the file is made, so that a signal in between cannot leave it behind
        with _named(name):
            descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as file:
            yield NewFile(name, path, temporary, file, overwrite=overwrite)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)


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


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _sync_folder_of(path: str) -> None:
    descriptor = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Errors are about the target, whatever temporary name the system call was given."""
    try:
        yield
    except OSError as error:
        error.filename = name
        raise
