"""Files that blocks name: those shipped with nzip by number, and those a user gives by their hash."""

from __future__ import annotations

import hashlib
import json
import lzma
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nzip.errors import NzipModelError, NzipVersionError
from nzip.reference.block_header import Component
from nzip.reference.engine1.lane import word_class_table

_DATA = files("nzip") / "data"
_WORD_CLASSES = bytes.fromhex("6cbea7003d50ab96dc81556248051f87")


@dataclass(frozen=True)
class Shipped:
    """A row of shipped.txt: what a number stands for. ``file`` is empty for a profile without a start."""

    engine: int
    revision: int
    component_set: int
    network: str
    file: str


class Resources:
    """What is shipped, and the files that somebody gives."""

    def __init__(self, given: Iterable[Path] = ()) -> None:
        contents = [path.read_bytes() for path in given]
        self._by_hash = {hashlib.sha256(content).digest()[:16]: content for content in contents}

    def add(self, content: bytes) -> None:
        self._by_hash[hashlib.sha256(content).digest()[:16]] = content

    def named(self, kind: str, digest: bytes) -> bytes:
        """The file of this hash; NzipModelError if nobody gave it."""
        if digest not in self._by_hash:
            raise NzipModelError(f"{kind} {digest.hex()} is not known")
        return self._by_hash[digest]

    def network(self, model: Component) -> bytes:
        if isinstance(model, bytes):
            return self.named("network", model)
        for kind, number, *_, file, digest in _shipped():
            if kind == "network" and int(number) == model:
                return _verified(file, digest)
        raise NzipModelError(f"network {model} is not known")

    def prime(self, prime: Component) -> bytes:
        if isinstance(prime, bytes):
            return self.named("prime", prime)
        for entry in json.loads((_DATA / "primes.json").read_bytes()):
            if entry["number"] == prime:
                text = lzma.decompress((_DATA / entry["file"]).read_bytes())
                _verify(text, entry["sha256"], entry["file"])
                return text
        raise NzipModelError(f"prime {prime} is not known")

    def profile(self, number: int) -> Shipped:
        """What a profile's number stands for; NzipVersionError for one that is not known."""
        for kind, own, engine, revision, component_set, *start in (
            row for row in _shipped() if row[0] == "profile"
        ):
            if kind == "profile" and int(own) == number:
                network, file = (start[0], start[1]) if start else ("", "")
                return Shipped(int(engine), int(revision), int(component_set), network, file)
        raise NzipVersionError(f"profile {number} is not known")

    def word_classes(self) -> npt.NDArray[np.int64]:
        """The table of word classes, from the file that the specification names by its hash."""
        return word_class_table(self.named("the file of word classes", _WORD_CLASSES))

    def start(self, file: str) -> bytes:
        """A shipped profile file."""
        for row in _shipped():
            if row[-2] == file:
                return _verified(file, row[-1])
        raise NzipModelError(f"{file} is not shipped")


@cache
def _shipped() -> list[list[str]]:
    return [line.split() for line in (_DATA / "shipped.txt").read_text().splitlines() if line]


def _verified(file: str, digest: str) -> bytes:
    content = (_DATA / file).read_bytes()
    _verify(content, digest, file)
    return content


def _verify(content: bytes, digest: str, file: str) -> None:
    if hashlib.sha256(content).hexdigest() != digest:
        raise NzipModelError(f"{file} is not the file that was shipped")
