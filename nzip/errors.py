"""What can go wrong, one class per cause that a caller may want to handle.

Every class carries the ``exit_code`` with which the command ends.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

# What the loader says of a library that it has no memory for.
_NO_ROOM_TO_LOAD = "failed to map segment", "annot allocate memory"

EMPTY = "the input is empty"


class NzipError(OSError):
    """Base of every error that nzip raises about its data.

    >>> import nzip
    >>> try:
    ...     nzip.decompress(b"plain text")
    ... except nzip.NzipError as error:
    ...     print(type(error).__name__, error)
    NzipFormatError not nzip data
    """

    exit_code = 1

    def __str__(self) -> str:
        """What is wrong, behind the name of the file that it is wrong with where that is known."""
        reason = self.strerror or (str(self.args[0]) if self.args else "")
        return reason if self.filename is None else f"{self.filename}: {reason}"


class NzipTruncatedError(NzipError, EOFError):
    """The data end before the stream does."""

    exit_code = 3


class NzipFormatError(NzipError):
    """Not nzip data, a structure that breaks the format's rules, or bytes after the last stream."""

    exit_code = 4


class NzipChecksumError(NzipError):
    """A checksum does not match: the data were damaged."""

    exit_code = 5


class NzipVersionError(NzipError):
    """Intact data that need something this version of nzip does not know; the message names it."""

    exit_code = 6


class NzipMemoryError(NzipError):
    """The work needs more memory than the limit allows."""

    exit_code = 7

    def __init__(self, needed: int, limit: int) -> None:
        super().__init__(f"needs {needed} bytes of memory, the limit is {limit}")
        self.needed = needed
        self.limit = limit

    def __reduce__(self) -> tuple[type[NzipMemoryError], tuple[int, int]]:
        return type(self), (self.needed, self.limit)


class NzipLimitError(NzipError):
    """The plaintext, as the headers announce it, has more bytes than ``max_output`` allows.

    Its subclass tells of time.
    """

    exit_code = 7

    def __init__(self, announced: float, limit: float) -> None:
        super().__init__(self._reason(announced, limit))
        self.announced = announced
        self.limit = limit

    def _reason(self, announced: float, limit: float) -> str:
        return f"holds {announced} bytes or more, and {limit} are allowed"

    def __reduce__(self) -> tuple[type[NzipLimitError], tuple[float, float]]:
        return type(self), (self.announced, self.limit)


class NzipTimeError(NzipLimitError):
    """Restoring takes longer than ``max_seconds``: as headers announce it on one core, or by the clock."""

    def _reason(self, announced: float, limit: float) -> str:
        return f"takes {announced:.1f} seconds or more, and {limit:.1f} are allowed"


def check_output(announced: int, limit: int | None) -> None:
    """Raises NzipLimitError for more plaintext than is allowed; a limit of None allows all."""
    if limit is not None and announced > limit:
        raise NzipLimitError(announced, limit)


class NzipModelError(NzipError):
    """A model, a prime or a reference that is not known here, or a model file that is none."""

    exit_code = 8


class DeviceWarning(RuntimeWarning):
    """A device on which networks were evaluated is lost; the work goes on without it."""


@contextmanager
def about(path: str | os.PathLike[str]) -> Iterator[None]:
    """Whatever NzipError is raised here names this file, unless it names one already."""
    try:
        yield
    except NzipError as error:
        if error.filename is None:
            error.filename = os.fspath(path)
        raise


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the system has no more memory, whoever had to tell so: Python, the system, or its loader."""
    return (
        isinstance(error, MemoryError)
        or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
        or (isinstance(error, ImportError) and any(words in str(error) for words in _NO_ROOM_TO_LOAD))
    )
