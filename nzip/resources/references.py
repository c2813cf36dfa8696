"""References: files that others are compressed against. Headers only name them: both ends need them."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from io import BufferedReader, FileIO
from typing import Any

from nzip.codecs.segments import find_segments
from nzip.errors import NzipFormatError, NzipMemoryError, NzipModelError
from nzip.format.limits import MAX_REFERENCE
from nzip.format.reference import Reference
from nzip.format.registry import COMPONENT_HASH_SIZE, component_name

MAX_SEGMENTS = 1000  # of a reference: the header of each block lists them

RefName = str | os.PathLike[str]  # the path of a file


@dataclass(frozen=True)
class KnownFile:
    """A file that may be somebody's reference. It is read whenever it is needed, for it may be large."""

    path: str
    component: bytes
    size: int  # bytes

    def read(self) -> bytes:
        """Its bytes; NzipModelError when they are no longer those that were there first."""
        data = _read(self.path)
        if _component(data) != self.component:
            raise NzipModelError(f"the reference {self.path} has changed")
        return data


_known: dict[bytes, KnownFile] = {}


def reference_size(path: RefName) -> int:
    """The bytes of a file; OSError when it cannot be a reference."""
    status = os.stat(path)  # before it is opened, for that would wait for a pipe's writer
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "is not a regular file, as a reference must be", os.fspath(path))
    if status.st_size > MAX_REFERENCE:
        raise OSError(errno.EFBIG, f"a reference has at most {MAX_REFERENCE >> 20} MiB", os.fspath(path))
    return status.st_size


def add_reference(path: RefName, memory_limit: int | None = None) -> bytes:
    """Makes a file known to this process as a reference; its bytes.

    OSError when it cannot be one, NzipMemoryError when reading it would already take more than the limit
    (default: none).
    """
    size = reference_size(path)
    if memory_limit is not None and size > memory_limit:
        raise NzipMemoryError(size, memory_limit)
    data = _read(path)
    component = _component(data)
    _known[component] = KnownFile(os.path.abspath(path), component, len(data))
    return data


def choose_reference(path: RefName) -> Reference | None:
    """What an encoder makes of a file that its user names; nothing of an empty one."""
    data = add_reference(path)
    if not data:
        return None
    return Reference(_component(data), len(data), find_segments(data, most=MAX_SEGMENTS, passes=False))


def known_bytes() -> int:
    """How many bytes the files have that are known as references: so much may have to be learned."""
    return sum(known.size for known in _known.values())


def find_reference(reference: Reference) -> KnownFile:
    """The file that a block's header names; NzipModelError when it is not known here."""
    known = _known.get(reference.component)
    if known is not None:
        if known.size != reference.size:
            raise NzipFormatError(f"a reference has {known.size} bytes, not {reference.size}")
        return known
    name = f"reference {component_name(reference.component)} ({reference.size} bytes)"
    if _known:
        raise NzipModelError(f"{name} is needed; {next(reversed(_known.values())).path} is another file")
    raise NzipModelError(f"{name} is not here; --ref takes the file")


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
