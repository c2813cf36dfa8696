"""Primes: texts that warm the engine's tables before a run. Files only name them: both ends need them."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache

from nzip import _native
from nzip.errors import NzipError, NzipModelError
from nzip.format.limits import MAX_PRIME
from nzip.format.registry import COMPONENT_HASH_SIZE, COMPONENT_NONE, ComponentId, component_name
from nzip.models.shipped import FOLDER

PrimeName = str | os.PathLike[str]  # none, default, or the path of a file


@dataclass(frozen=True)
class Prime:
    """A text with the name that files give it."""

    component: ComponentId  # 0 where it is a profile's own: the profile's name is enough
    digest: str  # SHA-256 of the text
    size: int  # bytes of the text
    checksums: Mapping[int, int] = field(hash=False)  # XXH3 of each profile's snapshot, where that is known
    # The text, what gives it, or the path of the file that holds it compressed.
    source: str | bytes | Callable[[_native.Stop | None], bytes] = field(repr=False)
    profile: ComponentId | None = None  # what was trained with it and came in the same file
    memory: int = 0  # bytes that it takes to get at the text

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


@cache
def _shipped() -> dict[ComponentId, Prime]:
    """The primes of the registry, from the package."""
    import json

    with open(os.path.join(FOLDER, "primes.json"), encoding="ascii") as file:
        entries = json.load(file)
    return {
        entry["number"]: Prime(
            entry["number"],
            entry["sha256"],
            entry["size"],
            {int(profile): int(checksum, 16) for profile, checksum in entry["snapshots"].items()},
            os.path.join(FOLDER, entry["file"]),
        )
        for entry in entries
    }


DEFAULT_PRIME = 1  # its number

_added: dict[ComponentId, Prime] = {}


def text_prime(text: bytes) -> Prime:
    """The prime that a text is."""
    digest = _sha256(text)
    return Prime(digest[:COMPONENT_HASH_SIZE], digest.hex(), len(text), {}, text)


def add_prime(path: str | os.PathLike[str]) -> Prime:
    """Makes a file's text known to this process, and what was trained with it where it is a profile.

    A zero byte in a text ends a piece: what follows starts anew.
    """
    from nzip.models import folders, nzp

    with open(path, "rb") as file:
        text = file.read(folders.MAX_FILE + 1)
    profile = None
    if text.startswith(nzp.MAGIC[:-1]):
        profile, text = _add_profile(os.fspath(path), text)
    if len(text) > MAX_PRIME:
        raise OSError(errno.EFBIG, f"a prime has at most {MAX_PRIME} bytes", os.fspath(path))
    prime = replace(text_prime(text), profile=profile)
    _added[prime.component] = prime
    return prime


def _add_profile(path: str, data: bytes) -> tuple[ComponentId, bytes]:
    """The profile's name, and the text that it holds."""
    from nzip.models.store import PROFILES, ModelFile

    profile = PROFILES.take(ModelFile(path, data))
    if not profile.value.text:
        raise NzipModelError(errno.EINVAL, "a profile that holds no prime; nzip train makes one", path)
    return profile.component, profile.value.text


@lru_cache(maxsize=8)
def profile_prime(text: bytes) -> Prime:
    """The prime of a profile that holds this text."""
    return Prime(COMPONENT_NONE, _sha256(text).hex(), len(text), {}, text)


def _sha256(text: bytes) -> bytes:
    import hashlib

    return hashlib.sha256(text).digest()


def choose_prime(name: PrimeName | Prime) -> Prime | None:
    """The prime that a user names, or one that is there already."""
    if isinstance(name, Prime):
        return name
    if name == "none":
        return None
    return find_prime(DEFAULT_PRIME) if name == "default" else add_prime(name)


def find_prime(component: ComponentId, own: Prime | None = None) -> Prime:
    """The prime that a file names; NzipModelError when it is not known here.

    ``own`` is the one in the file itself. It serves that file only: what it says of itself is not proven yet.
    """
    prime = _added.get(component) or _shipped().get(component)
    if prime is not None:
        return prime
    if own is not None and own.component == component:
        return own
    name = component_name(component)
    if isinstance(component, bytes):
        raise NzipModelError(f"prime {name} is not here; --prime takes the file that it was made from")
    raise NzipModelError(f"prime {name} is not known; a newer nzip may have it")
