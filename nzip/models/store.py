"""The networks and profiles that are installed. Nothing is ever downloaded.

A file is named by its SHA-256, its id. The file's own name without the suffix and, for what comes with nzip,
the registry number are shorter ways to say the same.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, TypeVar

from nzip.errors import NzipModelError, about
from nzip.format.registry import COMPONENT_HASH_SIZE, ComponentId, component_name
from nzip.locks import ProcessLock
from nzip.models import folders, frame, network, profile, shipped

T = TypeVar("T")

_ID_PREFIX = re.compile(r"(?:sha256:)?([0-9a-f]{8,64})", re.IGNORECASE)


@dataclass(frozen=True)
class ModelFile:
    """A file that was found; what it holds is not checked yet."""

    path: str
    data: bytes = field(repr=False)

    @property
    def name(self) -> str:
        return _stem(self.path)

    @cached_property
    def id(self) -> str:
        return frame.identity(self.data)


@dataclass(frozen=True)
class Loaded(Generic[T]):
    """A model that is ready for use."""

    id: str
    component: ComponentId  # what names it in a block header
    value: T


class Shelf(Generic[T]):
    """All models of one kind."""

    def __init__(
        self,
        kind: str,
        suffix: str,
        table: dict[int, shipped.Shipped],
        load: Callable[[bytes], T],
        remedy: str,
    ) -> None:
        """``remedy`` is what helps where an archive needs one that is not here."""
        self.kind = kind
        self.suffix = suffix
        self._table = table
        self.load = load
        self._remedy = remedy
        self._found: dict[ComponentId, Loaded[T]] = {}  # in the folders, by what named them
        self._loaded: dict[str, T] = {}  # by id
        self._identities: dict[str, tuple[tuple[int, ...], str]] = {}  # of files as they were
        self._lock = ProcessLock()

    def get(self, component: ComponentId) -> Loaded[T]:
        """The model that a block header names."""
        with self._lock:
            if component not in self._found:
                self._found[component] = self._load(self._named(component))
            return self._found[component]

    def choose(self, reference: str | os.PathLike[str]) -> Loaded[T]:
        """The model that a user names."""
        return self.take(self.find(reference))

    def take(self, file: ModelFile) -> Loaded[T]:
        """The model in a file."""
        with self._lock:
            return self._load(file)

    def find(self, reference: str | os.PathLike[str]) -> ModelFile:
        """The file with this path, name, registry number or beginning of an id."""
        file = self.seek(reference)
        if file is None:
            raise unknown(reference)
        return file

    def seek(self, reference: str | os.PathLike[str]) -> ModelFile | None:
        """The same; None where there is none."""
        if is_path(reference):
            path = os.fspath(reference)
            return ModelFile(path, folders.read(path))
        name = os.fspath(reference)
        for path in folders.files(self.suffix):
            if _stem(path) == name:
                return self._checked(ModelFile(path, folders.read(path)))
        for number, entry in self._table.items():
            if name == str(number):
                return self._installed(entry.file)
        if match := _ID_PREFIX.fullmatch(name):
            prefix = match[1].lower()
            found = list(self._with_id(prefix))
            if len(ids := {file.id for file in found}) > 1:
                raise NzipModelError(f"id {name!r} may be any of {', '.join(sorted(ids))}")
            return found[0] if found else None
        return None

    @property
    def shipped(self) -> list[str]:
        """The names of the files that come with nzip."""
        return [entry.file for entry in self._table.values()]

    def check(self, name: str) -> None:
        """Raises unless a file that comes with nzip is there, and what it should be."""
        self._installed(name)

    def number(self, identity: str) -> int | None:
        """The registry number of a model that comes with nzip."""
        return next((number for number, file in self._table.items() if file.sha256 == identity), None)

    def is_damaged(self, file: ModelFile) -> bool:
        """Whether it stands in the place of something that comes with nzip, and is something else."""
        folder, name = os.path.split(file.path)
        return folder == shipped.FOLDER and any(
            entry.file == name and entry.sha256 != file.id for entry in self._table.values()
        )

    def _named(self, component: ComponentId) -> ModelFile:
        """The file that a block header names."""
        if isinstance(component, bytes):
            for file in self._with_id(component.hex()):
                return file
            raise NzipModelError(f"{self.kind} {component_name(component)} is not here; {self._remedy}")
        entry = self._table.get(component)
        if entry is None:
            raise NzipModelError(f"{self.kind} {component} is not known; a newer nzip may have it")
        return self._installed(entry.file)

    def _with_id(self, prefix: str) -> Iterator[ModelFile]:
        """All files with an id that begins so."""
        for path in folders.files(self.suffix):
            # An archive may name thousands of models that are not here, so files are not read for each.
            if self._identity(path).startswith(prefix):
                file = ModelFile(path, folders.read(path))
                if file.id.startswith(prefix):
                    yield file

    def _identity(self, path: str) -> str:
        status = os.stat(path)
        state = status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
        known = self._identities.get(path)
        if known is None or known[0] != state:
            known = self._identities[path] = state, frame.identity(folders.read(path))
        return known[1]

    def _installed(self, name: str) -> ModelFile:
        path = os.path.join(shipped.FOLDER, name)
        try:
            return self._checked(ModelFile(path, folders.read(path)))
        except FileNotFoundError:
            raise NzipModelError(f"{path} comes with nzip and is missing; install nzip again") from None

    def _checked(self, file: ModelFile) -> ModelFile:
        if self.is_damaged(file):
            raise NzipModelError(f"{file.path} comes with nzip and is damaged; install nzip again")
        return file

    def _load(self, file: ModelFile) -> Loaded[T]:
        if file.id not in self._loaded:
            with about(file.path):
                self._loaded[file.id] = self.load(file.data)
        number = self.number(file.id)
        component = bytes.fromhex(file.id)[:COMPONENT_HASH_SIZE] if number is None else number
        return Loaded(file.id, component, self._loaded[file.id])


_ADD = "nzip models add FILE adds it"
NETWORKS = Shelf("network", ".nzm", shipped.NETWORKS, network.load, _ADD)
PROFILES = Shelf("profile", ".nzp", shipped.PROFILES, profile.load, f"--prime takes the file, {_ADD}")


def unknown(reference: str | os.PathLike[str]) -> NzipModelError:
    return NzipModelError(f"model {reference!r} is not known; nzip models list shows those that are")


def is_path(reference: str | os.PathLike[str]) -> bool:
    """What is no path is a name or the beginning of an id.

    >>> is_path("default"), is_path("./default"), is_path("my.nzm"), is_path("1.5")
    (False, True, True, False)
    """
    if not isinstance(reference, str):
        return True
    return os.path.basename(reference) != reference or reference.endswith((".nzm", ".nzp", ".gguf"))


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]
