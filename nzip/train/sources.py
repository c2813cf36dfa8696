"""Code to train on, as it lies on any machine: Python's library, the system's headers, Perl's library.

Archives of sources may be added. What is gathered depends on the machine, so a run's card tells what it was.
"""

from __future__ import annotations

import hashlib
import sysconfig
import tarfile
from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np

from nzip.train.corpus import MANIFEST, Source, write_class, write_sources

LEAST, MOST = 200, 600_000  # bytes of a file that is taken
PART = 60_000  # bytes of it that are taken
ORIGIN_BYTES = 6_000_000  # from one place, so that none prevails
HELD_OUT = 1_000_000  # bytes of all, to validate on
# fmt: off
CODE_SUFFIXES = frozenset({
    ".py", ".c", ".h", ".hpp", ".cpp", ".cc", ".tcc", ".js", ".ts", ".pl", ".pm", ".pod", ".sh",
    ".tcl", ".lua", ".el", ".lisp", ".lsp", ".cl", ".scm", ".java", ".rb", ".go", ".rs", ".css",
    ".html", ".htm", ".sql", ".m4", ".ac", ".am", ".cmake", ".mk", ".in", ".1", ".2", ".3",
    ".5", ".7", ".8", ".n", ".y", ".l", ".s", ".asm", ".awk", ".php", ".json", ".yml", ".yaml",
    ".toml", ".cfg", ".md", ".txt", ".tex", ".po",
})
# fmt: on
CODE_NAMES = frozenset({"Makefile", "configure"})


@dataclass(frozen=True)
class Folder:
    """A place where most machines have code."""

    origin: str
    path: Path
    suffixes: frozenset[str]
    licence: str


def installed() -> list[Folder]:
    return [
        Folder("Python's library", Path(sysconfig.get_path("stdlib")), frozenset({".py", ".txt"}), "PSF-2.0"),
        Folder(
            "system headers",
            Path("/usr/include"),
            frozenset({".h", ".hpp", ".tcc", ""}),
            "as their packages say",
        ),
        Folder(
            "Perl's library",
            Path("/usr/share/perl"),
            frozenset({".pl", ".pm", ".pod"}),
            "Artistic-1.0-Perl or GPL-1.0-or-later",
        ),
    ]


@dataclass(frozen=True)
class Document:
    origin: str
    licence: str
    data: bytes


class Excluded:
    """Files that must not be trained on: a document with half of the long lines of one of them is like it."""

    LONG = 20  # bytes

    def __init__(self, files: Iterable[bytes]) -> None:
        self._lines = [lines for file in files if (lines := self._long_lines(file))]
        self._of: dict[bytes, list[int]] = {}
        for number, lines in enumerate(self._lines):
            for line in lines:
                self._of.setdefault(line, []).append(number)

    def like(self, document: bytes) -> bool:
        common = Counter(number for line in self._long_lines(document) for number in self._of.get(line, ()))
        return any(2 * count >= len(self._lines[number]) for number, count in common.items())

    def _long_lines(self, data: bytes) -> set[bytes]:
        return {line for each in data.splitlines() if len(line := each.strip()) >= self.LONG}


def gather(
    folders: Iterable[Folder], archives: Iterable[Path], excluded: Excluded, random: np.random.Generator
) -> list[Document]:
    """Documents of all places in random order, none of them twice."""
    documents: list[Document] = []
    known = set()
    places = [(each.origin, each.licence, _in_folder(each, random)) for each in folders]
    places += [(path.name, "as the archive says", _in_archive(path, random)) for path in archives]
    for origin, licence, files in places:
        taken = 0
        for data in files:
            key = hashlib.sha256(data).digest()
            if b"\0" in data or not LEAST <= len(data) <= MOST or key in known or excluded.like(data):
                continue
            known.add(key)
            documents.append(Document(origin, licence, data[:PART]))
            taken += len(documents[-1].data)
            if taken >= ORIGIN_BYTES:
                break
    return [documents[i] for i in random.permutation(len(documents))]


def _in_folder(folder: Folder, random: np.random.Generator) -> Iterator[bytes]:
    paths = sorted(
        path
        for path in folder.path.rglob("*")
        if path.suffix in folder.suffixes and "site-packages" not in path.parts
    )
    for i in random.permutation(len(paths)):
        if paths[i].is_file() and not paths[i].is_symlink():
            try:
                yield paths[i].read_bytes()
            except OSError:
                continue  # not ours to read


def _in_archive(path: Path, random: np.random.Generator) -> Iterator[bytes]:
    with tarfile.open(path) as archive:
        members = [
            each
            for each in archive.getmembers()
            if each.isfile()
            and (Path(each.name).suffix in CODE_SUFFIXES or Path(each.name).name in CODE_NAMES)
        ]
        for i in random.permutation(len(members)):
            file = archive.extractfile(members[i])
            assert file is not None  # it is a file
            yield file.read()


def write(folder: Path, documents: Sequence[Document]) -> list[Source]:
    """The class files ``code.bin`` and ``valid/code.bin``, and the manifest of the former."""
    (folder / "valid").mkdir(parents=True, exist_ok=True)
    split = bisect(list(accumulate(len(each.data) for each in documents)), HELD_OUT)
    write_class(folder / "valid" / "code.bin", (each.data for each in documents[:split]))
    write_class(folder / "code.bin", (each.data for each in documents[split:]))
    of_origin: dict[tuple[str, str], list[int]] = {}
    for each in documents[split:]:
        of_origin.setdefault((each.origin, each.licence), []).append(len(each.data))
    sources = [
        Source("code", origin, len(sizes), sum(sizes), licence)
        for (origin, licence), sizes in sorted(of_origin.items())
    ]
    write_sources(folder / MANIFEST, sources)
    return sources
