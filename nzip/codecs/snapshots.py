"""What a prime makes of an engine's tables, kept in a file so that a machine works it out once.

The file is read into each engine's tables, not mapped: even 1 KB of text touches most of their pages, and
copying page after page on its first write takes longer than reading all of it at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from io import FileIO

from xxhash import xxh3_64

from nzip import _native, user_folders
from nzip._native import EngineEntry
from nzip.errors import NzipError
from nzip.format.checksum import checksum64
from nzip.format.registry import component_name
from nzip.locks import ProcessLock
from nzip.resources.primes import Prime

PART = 1 << 20  # bytes handed to an engine at a time
CHECKSUM_SIZE = 8  # behind the snapshot, little-endian
SUFFIX = ".snapshot"
KEPT_FILES = 8  # in the cache, 64 MB each
KEPT_IN_MEMORY = 4  # where that cannot be written

_lock = ProcessLock()

# Where no cache can be written: by the prime's text, the engine, its revision and the component set.
_in_memory: dict[tuple[str, int, int, int], bytes] = {}


@dataclass(frozen=True)
class Snapshot:
    """What a prime makes of the tables of a component set."""

    entry: EngineEntry
    component_set: int
    prime: Prime

    def engine(self, make: Callable[[], _native.Engine], stop: _native.Stop | None = None) -> _native.Engine:
        """A fresh engine, as ``make`` makes it, that starts from the snapshot."""
        if (engine := self._at_hand(make)) is not None:
            return engine
        text = self.prime.text(stop)  # which a hostile file may draw out: nobody else waits for it
        with _lock:
            if (engine := self._at_hand(make)) is not None:  # another thread was faster
                return engine
            data = self._build(text, stop)
            path = self.cache_path
            if path is None or not _write(path, data):
                while len(_in_memory) >= KEPT_IN_MEMORY:
                    _in_memory.pop(next(iter(_in_memory)))
                _in_memory[self._key] = data
        engine = make()
        _restore(engine, _parts(data))
        return engine

    def keep_at_hand(self) -> None:
        """So that an engine can start from it when little else can be done any more."""
        self.engine(partial(self.entry.engine, self.component_set, self.entry.snapshot_log2))

    @contextmanager
    def kept_in_memory(self) -> Iterator[None]:
        """Meanwhile it is in memory and nowhere else: a prime of the moment needs no file."""
        _in_memory[self._key] = self._build(self.prime.text())
        try:
            yield
        finally:
            _in_memory.pop(self._key, None)

    @property
    def memory(self) -> int:
        """The most bytes that it takes beside an engine.

        While tables are warmed they are no larger than the engine's will be, and the snapshot and the text
        are there; the snapshot stays where it cannot be kept in a file.
        """
        return self.entry.snapshot_size(self.component_set) + 2 * self.prime.size + self.prime.memory

    @property
    def cache_path(self) -> str | None:
        """Its file. The name says all that it depends on."""
        folder = cache_folder()
        if folder is None:
            return None
        checksum = self._checksum
        # Where nothing says what the snapshot must be, it is only as good as the engine that made it.
        made_by = self._build_stamp if checksum is None else f"{checksum:016x}"
        return os.path.join(folder, f"prime-{self.prime.digest}-{self.component_set}-{made_by}{SUFFIX}")

    @property
    def _key(self) -> tuple[str, int, int, int]:
        return self.prime.digest, self.entry.id, self.entry.revision, self.component_set

    @property
    def _checksum(self) -> int | None:
        """What it must have, where that is known."""
        return self.prime.checksums.get((self.entry.id, self.entry.revision, self.component_set))

    @property
    def _build_stamp(self) -> str:
        if _native.__file__ is None:
            return "0"
        status = os.stat(_native.__file__)
        return f"{self.entry.id}.{self.entry.revision}-{status.st_size:x}-{status.st_mtime_ns:x}"

    def _at_hand(self, make: Callable[[], _native.Engine]) -> _native.Engine | None:
        data = _in_memory.get(self._key)
        if data is None:
            return self._from_file(make)
        engine = make()
        _restore(engine, _parts(data))
        return engine

    def _from_file(self, make: Callable[[], _native.Engine]) -> _native.Engine | None:
        """None when there is no file, or it is damaged."""
        path, size = self.cache_path, self.entry.snapshot_size(self.component_set)
        with suppress(OSError, ValueError):
            if path is None or os.path.getsize(path) != size + CHECKSUM_SIZE:
                return None
            with FileIO(path) as file:  # for a file that is closed while Python ends, when open() is gone
                engine = make()
                checksum = _restore(engine, _file_parts(file.readinto, size))
                stored = int.from_bytes(file.read(CHECKSUM_SIZE), "little")
            if checksum == stored and self._checksum in (None, stored):
                with suppress(OSError):
                    os.utime(path)  # so that the oldest are those that nobody uses
                return engine
        return None

    def _build(self, text: bytes, stop: _native.Stop | None = None) -> bytes:
        data = self.entry.warm(self.component_set, text, stop)
        expected, checksum = self._checksum, checksum64(data)
        if expected is not None and checksum != expected:
            raise NzipError(
                f"prime {component_name(self.prime.component)} gives component set {self.component_set} the "
                f"tables {checksum:016x}, not {expected:016x}: a defect of nzip or of the machine"
            )
        return data


def cache_folder() -> str | None:
    """Where snapshots are kept: NZIP_CACHE, or the system's place for such things; None where it has none."""
    if folder := os.environ.get("NZIP_CACHE"):
        return folder
    folder = user_folders.cache_folder()
    return folder if os.path.isabs(folder) else None


def _restore(engine: _native.Engine, parts: Iterator[memoryview]) -> int:
    """Gives the engine all parts of a snapshot; returns their checksum."""
    checksum = xxh3_64()
    at = 0
    for part in parts:
        engine.restore(at, part)
        checksum.update(part)
        at += len(part)
    return checksum.intdigest()


def _parts(snapshot: bytes) -> Iterator[memoryview]:
    view = memoryview(snapshot)
    return (view[at : at + PART] for at in range(0, len(view), PART))


def _file_parts(readinto: Callable[[memoryview], int | None], size: int) -> Iterator[memoryview]:
    """All of one buffer's contents in turn. OSError when the file ends early."""
    buffer = memoryview(bytearray(PART))
    for at in range(0, size, PART):
        part = buffer[: min(PART, size - at)]
        done = 0
        while done < len(part):
            count = readinto(part[done:])
            if not count:
                raise OSError("the file ends early")
            done += count
        yield part


def _write(path: str, snapshot: bytes) -> bool:
    """Whether that was possible. Others may do the same meanwhile; what is there is always complete."""
    import tempfile

    folder = os.path.dirname(path)
    try:
        os.makedirs(folder, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".", suffix=SUFFIX, dir=folder)
    except OSError:
        return False
    try:
        with open(handle, "wb") as file:
            file.write(snapshot)
            file.write(checksum64(snapshot).to_bytes(CHECKSUM_SIZE, "little"))
        os.replace(temporary, path)
    except BaseException as error:
        with suppress(OSError):
            os.unlink(temporary)
        if isinstance(error, OSError):
            return False
        raise
    _drop_oldest(folder)
    return True


def _drop_oldest(folder: str) -> None:
    """Snapshots of primes and versions that are no longer in use would stay for ever."""
    with suppress(OSError):
        paths = [os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(SUFFIX)]
        for path in sorted(paths, key=os.path.getmtime)[:-KEPT_FILES]:
            os.unlink(path)
