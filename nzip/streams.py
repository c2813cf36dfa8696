"""File objects of any kind: raw ones may take or give less than was asked for, non-blocking ones nothing."""

from __future__ import annotations

import errno
import io
import select
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from typing_extensions import Buffer


class Source(Protocol):
    """All that reading in order asks of a file."""

    def read(self, size: int, /) -> bytes: ...


def write_all(file: BinaryIO, data: bytes | bytearray | memoryview) -> None:
    """Writes all of the data.

    Raises BlockingIOError, which says how many bytes were written, when the file takes no more now.
    """
    done = _write(file, data, 0)
    while done < len(data):
        done += _write(file, memoryview(data)[done:], done)


def _write(file: BinaryIO, data: bytes | bytearray | memoryview, before: int) -> int:
    try:
        written: int | None = file.write(data)
    except BlockingIOError as error:
        error.characters_written += before
        raise
    if written is None and not isinstance(file, io.RawIOBase):
        return len(data)  # something that only looks like a file and does not count
    if not written and data:
        raise BlockingIOError(errno.EAGAIN, "the file takes no more data now", before)
    return written or 0


def read_some(file: Source, size: int) -> bytes:
    """The next bytes, at most ``size``; none at the end only. BlockingIOError when there are none yet."""
    data: bytes | None = file.read(size)
    if data is None:
        raise BlockingIOError(errno.EAGAIN, "the file has no data now")
    return data


def read_all(file: Source, size: int) -> bytes:
    """The next bytes, fewer than ``size`` at the end only."""
    data = read_some(file, size)
    if len(data) in (0, size):
        return data
    pieces, left = [data], size - len(data)
    while left and (data := read_some(file, left)):
        pieces.append(data)
        left -= len(data)
    return b"".join(pieces)


class PatientFile(io.FileIO):
    """A descriptor that waits where it would block, whether or not somebody made it non-blocking."""

    def write(self, data: Buffer, /) -> int:
        while (written := super().write(data)) is None:
            self._wait(select.POLLOUT)
        return written

    def readinto(self, buffer: Buffer, /) -> int:
        while (size := super().readinto(buffer)) is None:
            self._wait(select.POLLIN)
        return size

    def read(self, size: int | None = -1, /) -> bytes:
        data: bytes = io.RawIOBase.read(self, -1 if size is None else size)  # FileIO's would not wait
        return data

    def readall(self) -> bytes:
        data: bytes = io.RawIOBase.readall(self)
        return data

    def _wait(self, event: int) -> None:
        poll = select.poll()
        poll.register(self.fileno(), event)
        poll.poll()
