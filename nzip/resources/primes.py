"""Primes: texts that warm the engine's tables before a run. Files only name them: both ends need them."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

from nzip import _native
from nzip.errors import NzipError, NzipModelError
from nzip.format.limits import MAX_PRIME
from nzip.format.registry import COMPONENT_HASH_SIZE, COMPONENT_NONE, ComponentId, component_name
from nzip.models.shipped import FOLDER

if TYPE_CHECKING:
    from nzip.models.nzp import Profile
    from nzip.models.store import Loaded

PrimeName = str | os.PathLike[str]  # none, default, or the path of a file


@dataclass(frozen=True)
class Prime:
    """A text with the name that files give it."""

    component: ComponentId  # 0 where it is a profile's own: the profile's name is enough
    digest: str  # SHA-256 of the text
    size: int  # bytes of the text
    # XXH3 of its snapshots, where they are known, by engine, revision and component set.
    checksums: Mapping[tuple[int, int, int], int] = field(hash=False)
    # The text, what gives it, or the path of the file that holds it compressed.
    source: str | bytes | Callable[[_native.Stop | None], bytes] = field(repr=False)
    profile: ComponentId | None = None  # what was trained with it and came in the same file
    memory: int = 0  # bytes that it takes to get at the text
    seconds: float = 0  # the same on one core, and to warm tables with it

    def text(self, stop: _native.Stop | None = None) -> bytes:
        if isinstance(self.source, bytes):
            return self.source
        if not isinstance(self.source, str):
            return self.source(stop)
        import hashlib  # only needed to warm tables, which a machine does once
        import lzma

        with lzma.open(self.source) as file:
            text = file.read()
        if hashlib.sha256(text).hexdigest() != self.digest:
            raise NzipError(f"the prime {component_name(self.component)} that came with nzip is damaged")
        return text


DEFAULT_PRIME = 1  # its number


@cache  # part of the package
def shipped_primes() -> dict[ComponentId, Prime]:
    """The primes of the registry, from the package."""
    import json

    with open(os.path.join(FOLDER, "primes.json"), encoding="ascii") as file:
        entries = json.load(file)
    return {
        entry["number"]: Prime(
            entry["number"],
            entry["sha256"],
            entry["size"],
            {
                _snapshot_key(engine, component_set): int(checksum, 16)
                for engine, checksums in entry["snapshots"].items()
                for component_set, checksum in checksums.items()
            },
            os.path.join(FOLDER, entry["file"]),
        )
        for entry in entries
    }


def _snapshot_key(engine: str, component_set: str) -> tuple[int, int, int]:
    number, revision = engine.split(".")
    return int(number), int(revision), int(component_set)


def text_prime(text: bytes) -> Prime:
    """The prime that a text is."""
    digest = _sha256(text)
    return Prime(digest[:COMPONENT_HASH_SIZE], digest.hex(), len(text), {}, text)


def profile_prime(text: bytes) -> Prime:
    """The prime of a profile that holds this text."""
    return replace(text_prime(text), component=COMPONENT_NONE)


def read_prime(path: str | os.PathLike[str]) -> tuple[Prime, Loaded[Profile] | None]:
    """A file's text as a prime, and what was trained with it where the file is a profile.

    A zero byte in a text ends a piece: what follows starts anew.
    """
    from nzip.models import folders, nzp

    with open(path, "rb") as file:
        text = file.read(folders.MAX_FILE + 1)
    profile = None
    if text.startswith(nzp.MAGIC[:-1]):
        profile = _profile(os.fspath(path), text)
        text = profile.value.text
    if len(text) > MAX_PRIME:
        raise OSError(errno.EFBIG, f"a prime has at most {MAX_PRIME} bytes", os.fspath(path))
    return replace(text_prime(text), profile=None if profile is None else profile.component), profile


def _profile(path: str, data: bytes) -> Loaded[Profile]:
    from nzip.models.store import PROFILES, ModelFile

    profile = PROFILES.take(ModelFile(path, data))
    if not profile.value.text:
        raise NzipModelError(errno.EINVAL, "a profile that holds no prime; nzip train makes one", path)
    return profile


def _sha256(text: bytes) -> bytes:
    import hashlib

    return hashlib.sha256(text).digest()
