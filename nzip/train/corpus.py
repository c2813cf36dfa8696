"""Class files: documents of one kind in one file, each preceded by a zero byte, which no document contains.

A folder of them may have a manifest, MANIFEST.tsv, which says where the documents come from.
"""

from __future__ import annotations

import csv
import lzma
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
MANIFEST = "MANIFEST.tsv"
COLUMNS = ("class", "repository", "path count", "bytes", "licence")
SEPARATOR = 0


@dataclass(frozen=True)
class Source:
    """A line of a manifest: documents of a class that come from one place."""

    kind: str
    origin: str
    documents: int
    bytes: int
    licence: str


def read_classes(paths: Iterable[Path]) -> dict[str, Bytes]:
    """Class files, and those in folders, by class: ``prose`` for prose.bin and prose.bin.xz."""
    classes = {}
    for path in _class_files(paths):
        name = path.name.partition(".")[0]
        if name in classes:
            raise ValueError(f"there are two files of the class {name}")
        data = path.read_bytes()
        if path.suffix == ".xz":
            data = lzma.decompress(data)
        if not data:
            raise ValueError(f"{path} is empty")
        classes[name] = np.frombuffer(data, np.uint8)
    return classes


def read_sources(paths: Iterable[Path]) -> list[Source]:
    """What the manifests in these folders, or beside these class files, say of the classes that are read."""
    paths = list(paths)
    folders = dict.fromkeys(path if path.is_dir() else path.parent for path in paths)
    classes = {path.name.partition(".")[0] for path in _class_files(paths)}
    sources = []
    for manifest in (folder / MANIFEST for folder in folders):
        if manifest.exists():
            with manifest.open(newline="", encoding="utf-8") as file:
                rows = [tuple(row[name] for name in COLUMNS) for row in csv.DictReader(file, delimiter="\t")]
            sources += [Source(a, b, int(c), int(d), e) for a, b, c, d, e in rows if a in classes]
    return sources


def write_sources(path: Path, sources: Iterable[Source]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((s.kind, s.origin, s.documents, s.bytes, s.licence) for s in sources)


def write_class(path: Path, documents: Iterable[bytes]) -> None:
    with path.open("wb") as file:
        for document in documents:
            file.write(bytes([SEPARATOR]) + document)


def _class_files(paths: Iterable[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        inside = sorted([*path.glob("*.bin"), *path.glob("*.bin.xz")]) if path.is_dir() else [path]
        if not inside:
            raise ValueError(f"{path} has no class files (*.bin, *.bin.xz)")
        files += inside
    return files
