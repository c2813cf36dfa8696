"""A file that appears under its name only when it is complete."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from nzip.format.holes import Hole
from nzip.pipeline.attributes import Attributes
from nzip.pipeline.holes import HoleWriter
from nzip.pipeline.naming import new_temporary, sweep, take_name, temporary_name

SUFFIX = ".nz"  # of compressed files

_APPEARED = "was made by another process meanwhile, and is kept; -f replaces it"


class Target:
    """An output stream; errors name it, since the source's name would mislead about a full disk."""

    is_file = False

    def __init__(self, name: str, file: BinaryIO) -> None:
        self.name = name
        self._file = file

    def write(self, data: bytes | bytearray | memoryview) -> int:
        with named(self.name):
            return self._file.write(data)

    def leave_out(self, holes: Iterable[Hole]) -> None:
        """Zeros where a hole may be are not written from now on, if this is a file that is made."""

    def fileno(self) -> int:
        return self._file.fileno()

    def finish(self, attributes: Attributes | None = None, *, durable: bool = False) -> Exception | None:
        """The output is complete; a file gets its attributes, and if durable survives a power cut.

        Returns why a file does not get its time, if it does not.
        """
        with named(self.name):
            self._file.flush()
        return None


class NewFile(Target):
    """A file written under a temporary name, which takes its own in one step when complete."""

    is_file = True

    def __init__(self, name: str, path: str, temporary: str, file: BinaryIO, *, overwrite: bool) -> None:
        super().__init__(name, file)
        self._path = path
        self._temporary = temporary
        self._overwrite = overwrite
        self._holes: HoleWriter | None = None

    def leave_out(self, holes: Iterable[Hole]) -> None:
        self._holes = HoleWriter(self._file, holes)

    def write(self, data: bytes | bytearray | memoryview) -> int:
        if not self._overwrite and os.path.lexists(self._path):  # at the end it would have been in vain
            raise FileExistsError(errno.EEXIST, _APPEARED, self.name)
        if self._holes is None:
            return super().write(data)
        with named(self.name):
            return self._holes.write(data)

    def finish(self, attributes: Attributes | None = None, *, durable: bool = False) -> Exception | None:
        refused = None
        with named(self.name):
            if self._holes is not None:
                self._holes.finish()
            self._file.flush()
            descriptor = self._file.fileno()
            if attributes is None:
                os.fchmod(descriptor, 0o666 & ~_umask())
            else:
                refused = attributes.give(descriptor)
            if durable:
                os.fsync(descriptor)
            self._file.close()
            try:
                take_name(self._temporary, self._path, overwrite=self._overwrite)
            except FileExistsError:
                raise FileExistsError(errno.EEXIST, _APPEARED) from None
            if durable:
                _sync_folder_of(self._path)
        return refused

    def written(self) -> BinaryIO:
        """What was written so far, open for reading."""
        self._file.flush()
        return open(self._temporary, "rb")


@contextmanager
def new_file(name: str, *, overwrite: bool, scratch: str | None = None) -> Iterator[NewFile]:
    """A file to be made; its temporary file lies in `scratch`, on the same file system, or else beside it."""
    path = os.path.realpath(name)  # what a link stands for is replaced, as the shell's > would, not the link
    folder = scratch or os.path.dirname(path)
    temporary = os.path.join(folder, temporary_name())
    try:  # entered before the file is made, so that a signal in between cannot leave it behind
        with named(name):
            descriptor = new_temporary(temporary)
        with closing_named(name, open(descriptor, "wb")) as file:
            _sweep(folder, descriptor)
            yield NewFile(name, path, temporary, file, overwrite=overwrite)
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def _sweep(path: str, made: int) -> None:
    """Removes what killed processes left in the folder of a file that was made."""
    with contextlib.suppress(OSError):  # a folder that one may write to and not read
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            sweep(folder, os.fstat(made).st_ctime_ns)
        finally:
            os.close(folder)


@contextmanager
def closing_named(name: str, file: BinaryIO) -> Iterator[BinaryIO]:
    """Closes a file in the end, which may be the first to tell that it could not be written.

    Where something else has failed, what is left in a buffer would only fail once more, without a name.
    """
    try:
        yield file
    except BaseException:
        with contextlib.suppress(OSError):
            file.close()
        raise
    with named(name):
        file.close()


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
def named(name: str) -> Iterator[None]:
    """Errors are about the target, whatever temporary name the system call was given."""
    try:
        yield
    except OSError as error:
        error.filename = name
        raise
