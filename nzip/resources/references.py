"""References: files that others are compressed against. Headers only name them: both ends need them."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from io import BufferedReader, FileIO
from typing import Any

from nzip.errors import NzipModelError
from nzip.format.checksum import checksum64
from nzip.format.limits import MAX_REFERENCE
from nzip.format.registry import COMPONENT_HASH_SIZE

RefName = str | os.PathLike[str]  # the path of a file

CHUNK = 1 << 20  # bytes that are read at once


@dataclass(frozen=True)
class ReferenceFile:
    """A file that may be somebody's reference. It is read whenever it is needed, for it may be large."""

    path: str
    component: bytes
    size: int  # bytes
    checksums: tuple[int, ...]  # of each CHUNK of its bytes

    def read(self) -> bytes:
        """Its bytes; NzipModelError when they are no longer those that were there first."""
        data = _read(self.path)
        if _component(data) != self.component:
            raise self._changed()
        return data

    def parts(self, wanted: Iterable[tuple[int, int]]) -> Iterator[bytes]:
        """Some of its bytes, each part given by offset and size and within the file; NzipModelError as above.

        Parts that follow one another are read at the speed of the file.
        """
        known, chunk = -1, b""
        with BufferedReader(FileIO(self.path)) as file:
            for start, size in wanted:
                pieces = []
                for number in range(start // CHUNK, -(-(start + size) // CHUNK)):
                    if number != known:
                        file.seek(number * CHUNK)
                        known, chunk = number, file.read(CHUNK)
                        if checksum64(chunk) != self.checksums[number]:
                            raise self._changed()
                    begin = number * CHUNK
                    pieces.append(chunk[max(0, start - begin) : start + size - begin])
                yield b"".join(pieces)

    def _changed(self) -> NzipModelError:
        return NzipModelError(f"the reference {self.path} has changed")


def reference_size(path: RefName) -> int:
    """The bytes of a file; OSError when it cannot be a reference."""
    status = os.stat(path)  # before it is opened, for that would wait for a pipe's writer
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "is not a regular file, as a reference must be", os.fspath(path))
    if status.st_size > MAX_REFERENCE:
        raise OSError(errno.EFBIG, f"a reference has at most {MAX_REFERENCE >> 20} MiB", os.fspath(path))
    return status.st_size


def read_reference(path: RefName) -> ReferenceFile:
    """A file as a reference. OSError when it cannot be one."""
    data = _read(path)
    checksums = tuple(checksum64(data[at : at + CHUNK]) for at in range(0, len(data), CHUNK))
    return ReferenceFile(os.path.abspath(path), _component(data), len(data), checksums)


def _read(path: RefName) -> bytes:
    size = reference_size(path)
    with BufferedReader(FileIO(path)) as file:  # for when Python ends: open() is gone then
        return file.read(size)


def _component(data: bytes) -> bytes:
    digest: bytes = _sha256()(data).digest()
    return digest[:COMPONENT_HASH_SIZE]


@cache  # nothing can be imported when Python ends
def _sha256() -> Callable[[bytes], Any]:
    import hashlib  # takes a while, and is seldom needed

    return hashlib.sha256
