"""The work on one file: read, compress, verify, and only then give the archive its name."""

from __future__ import annotations

import errno
import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, cast

from nzip.archive.batch.place import Place
from nzip.archive.regular import only_regular
from nzip.errors import NzipChecksumError
from nzip.format.times import OUT_OF_RANGE, nearest_time
from nzip.messages import reason_for
from nzip.pipeline import Encoding, compress_stream, decompress_stream
from nzip.pipeline.attributes import Attributes
from nzip.pipeline.holes import HoleReader, find_holes
from nzip.pipeline.target import new_file


class SourceChangedError(OSError):
    """The file is not what it was when reading began."""


@dataclass(frozen=True)
class Task:
    """A file that is to be archived."""

    id: int
    path: str
    size: int  # when it was found
    setting: int  # the number of its encode options
    replaces: bool  # an archive of an earlier attempt, or whatever is there
    tried: bool  # in vain
    found: bool = False  # something bears the archive's name, and no record says that it is the job's


@dataclass(frozen=True)
class Packed:
    """A file that is archived: what was read, and what was written."""

    task: Task
    size: int
    mtime_ns: int
    coded: int
    sha256: str  # of the source
    seconds: float | None  # of compression; None: the archive was there
    verify_seconds: float | None
    warning: str | None = None  # what of the file could not be kept


@dataclass(frozen=True)
class Failed:
    """A file that is not archived."""

    task: Task
    error: OSError | MemoryError


def pack(
    place: Place,
    task: Task,
    encoding: Encoding,
    *,
    verify: bool,
    progress: Callable[[int], None] = lambda _done: None,
) -> Packed | Failed:
    """Archives one file. All that can go wrong with it is in the answer.

    ``progress`` is told, of the file's bytes, how many are done; verification is half of the work.
    """
    try:
        return _pack(place, task, encoding, verify, progress)
    except (OSError, MemoryError) as error:
        return Failed(task, error)


def _pack(
    place: Place, task: Task, encoding: Encoding, verify: bool, progress: Callable[[int], None]
) -> Packed:
    passes = 2 if verify else 1
    path = place.source_of(task.path)
    with open(path, "rb", opener=only_regular) as file:
        status = os.fstat(file.fileno())
        _make_folder(place, os.path.dirname(task.path))
        with new_file(place.target_of(task.path), overwrite=task.replaces, scratch=place.scratch) as target:
            start = time.monotonic()
            holes = find_holes(file)
            source = _HashingReader(HoleReader(file, holes))
            attributes = Attributes.of(status)
            totals = compress_stream(
                cast(BinaryIO, source),  # only ever read from
                cast(BinaryIO, target),  # only ever written to
                encoding,
                metadata=attributes.metadata(path, holes),
                size_hint=status.st_size,
                progress=lambda plain, _: progress(plain // passes),
                alone=False,
            )
            coded_at = time.monotonic()
            check_unchanged(path, status, totals.plain)
            if verify:
                with target.written() as archive:
                    verify_archive(archive, source.sha256, encoding, totals.plain, progress)
            seconds, verify_seconds = coded_at - start, time.monotonic() - coded_at
            refused = target.finish(attributes)
    mtime_ns = nearest_time(status.st_mtime_ns)
    warning = None if refused is None else f"the archive does not get its time: {reason_for(refused)}"
    if mtime_ns != status.st_mtime_ns:
        warning = OUT_OF_RANGE
    return Packed(task, totals.plain, mtime_ns, totals.coded, source.sha256, seconds, verify_seconds, warning)


def _make_folder(place: Place, folder: str) -> None:
    """The target's folders are no more open to others than the source's."""
    path = os.path.join(place.target, folder)
    if os.path.isdir(path):
        return
    if folder:
        _make_folder(place, os.path.dirname(folder))
    else:
        raise FileNotFoundError(errno.ENOENT, "is not there (on this machine?)", path)
    mode = os.stat(place.source_of(folder)).st_mode
    try:
        os.mkdir(path, mode & 0o777 | 0o700)
    except FileExistsError:  # another worker was faster, or it is a file
        if not os.path.isdir(path):
            raise


def check_unchanged(path: str, status: os.stat_result, size: int) -> None:
    """SourceChangedError unless a file is still what it was, and of that size."""
    now = os.lstat(path)
    if not os.path.samestat(now, status) or (now.st_size, now.st_mtime_ns) != (size, status.st_mtime_ns):
        raise SourceChangedError(errno.EAGAIN, "changed while it was read", path)


def verify_archive(
    file: BinaryIO, sha256: str, encoding: Encoding, size: int, progress: Callable[[int], None]
) -> None:
    """Decode an archive, and compare it with what was read. Progress begins at half of the size."""
    plain = _HashingWriter()
    decompress_stream(
        file,
        cast(BinaryIO, plain),
        encoding.decoding(),
        progress=lambda done, _: progress((size + done) // 2),
    )
    if plain.sha256 != sha256:
        raise NzipChecksumError("the archive does not restore the file: a defect of nzip or of the machine")


class _HashingReader:
    def __init__(self, file: HoleReader) -> None:
        self._file = file
        self._hash = hashlib.sha256()

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self._hash.update(data)
        return data

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


class _HashingWriter:
    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        return len(data)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()
