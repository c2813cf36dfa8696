"""Documents to train on beside the corpus: code, as it lies on any machine, and what archives hold.

Code is Python's library, the system's headers, Perl's library and archives of sources; languages are manual
pages and help in HTML, as the packages of translations have them. What is gathered depends on the machine, so
a run's card tells what it was.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import sysconfig
import tarfile
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import accumulate
from pathlib import Path, PurePosixPath

import numpy as np

from nzip.train.corpus import MANIFEST, Source, write_class, write_sources

LEAST, MOST = 200, 600_000  # bytes of a file that is taken
PART = 60_000  # bytes of it that are taken
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
class Kind:
    """A class of documents, and how they are found in an archive."""

    name: str
    most: int  # bytes from one place, so that none prevails
    takes: Callable[[PurePosixPath], bool]
    text: Callable[[PurePosixPath, bytes], bytes]  # of a member


def _is_code(path: PurePosixPath) -> bool:
    return path.suffix in CODE_SUFFIXES or path.name in CODE_NAMES


def _is_translation(path: PurePosixPath) -> bool:
    """A manual page (man/LANGUAGE/man1/NAME.1.gz), a page of help or a handbook, or a file of fortunes."""
    if path.suffix == ".gz":
        return path.parent.name.startswith("man")
    return path.suffix == ".html" or (path.suffix == "" and "fortunes" in path.parts)


class _Text(HTMLParser):
    """The text of a page: blocks become lines."""

    HIDDEN = frozenset({"script", "style", "nav", "header", "aside", "noscript"})
    BLOCKS = frozenset({"p", "h1", "h2", "h3", "h4", "li", "tr", "div", "br", "pre", "dt", "dd", "title"})

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._hidden += tag in self.HIDDEN
        if tag in self.BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in self.HIDDEN and self._hidden > 0

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def _page_text(path: PurePosixPath, data: bytes) -> bytes:
    if path.suffix == ".gz":
        return gzip.decompress(data)
    if path.suffix != ".html":
        return data
    parser = _Text()
    parser.feed(data.decode("utf-8", "replace"))
    return re.sub(r"\s*\n\s*", "\n", "".join(parser.parts)).strip().encode()


KINDS = {
    kind.name: kind
    for kind in (
        Kind("code", 6_000_000, _is_code, lambda _, data: data),
        Kind("languages", 1_000_000, _is_translation, _page_text),
    )
}


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
    kind: Kind,
    folders: Iterable[Folder],
    archives: Iterable[Path],
    excluded: Excluded,
    random: np.random.Generator,
) -> list[Document]:
    """Documents of all places in random order, none of them twice."""
    documents: list[Document] = []
    known = set()
    places = [(each.origin, each.licence, _in_folder(each, random)) for each in folders]
    places += [(path.name, "as the archive says", _in_archive(kind, path, random)) for path in archives]
    for origin, licence, files in places:
        taken = 0
        for data in files:
            key = hashlib.sha256(data).digest()
            if b"\0" in data or not LEAST <= len(data) <= MOST or key in known or excluded.like(data):
                continue
            known.add(key)
            documents.append(Document(origin, licence, data[:PART]))
            taken += len(documents[-1].data)
            if taken >= kind.most:
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


def _in_archive(kind: Kind, path: Path, random: np.random.Generator) -> Iterator[bytes]:
    with tarfile.open(path) as archive:
        members = [each for each in archive.getmembers() if each.isfile()]
        members = [each for each in members if kind.takes(PurePosixPath(each.name))]
        for i in random.permutation(len(members)):
            file = archive.extractfile(members[i])
            assert file is not None  # it is a file
            yield kind.text(PurePosixPath(members[i].name), file.read())


def write(kind: Kind, folder: Path, documents: Sequence[Document]) -> list[Source]:
    """The class files ``KIND.bin`` and ``valid/KIND.bin``, and the manifest of the former."""
    (folder / "valid").mkdir(parents=True, exist_ok=True)
    split = bisect(list(accumulate(len(each.data) for each in documents)), HELD_OUT)
    write_class(folder / "valid" / f"{kind.name}.bin", (each.data for each in documents[:split]))
    write_class(folder / f"{kind.name}.bin", (each.data for each in documents[split:]))
    of_origin: dict[tuple[str, str], list[int]] = {}
    for each in documents[split:]:
        of_origin.setdefault((each.origin, each.licence), []).append(len(each.data))
    sources = [
        Source(kind.name, origin, len(sizes), sum(sizes), licence)
        for (origin, licence), sizes in sorted(of_origin.items())
    ]
    write_sources(folder / MANIFEST, sources)
    return sources
