#!/usr/bin/env python3
"""Find, verify and, where there is a network, fetch the corpora that nzip is measured on.

    python corpora/fetch.py 'canterbury/*' enwik8.1m    # verify these, fetch what is missing; print paths
    python corpora/fetch.py                             # verify whatever is there

The files live in the folder named by NZIP_CORPORA, else in corpora/data beside this script. manifest.tsv says
for each its size, SHA-256, licence and source: a file to download, a member of an archive (URL#member), or
the head of another file. A file gets its name only after its checksum was right. Needs nothing but Python.
"""

from __future__ import annotations

import argparse
import bz2
import csv
import fnmatch
import hashlib
import os
import shutil
import sys
import tarfile
import tempfile
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

HERE = Path(__file__).resolve().parent
PIECE = 1 << 20


class Entry(NamedTuple):
    """One line of the manifest; `name` is the path inside the corpora folder."""

    name: str
    bytes: int
    sha256: str
    source: str
    licence: str


class CorpusError(Exception):
    """A file that is missing, damaged or cannot be fetched."""


def read_manifest(path: Path = HERE / "manifest.tsv") -> dict[str, Entry]:
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return {
            row["name"]: Entry(row["name"], int(row["bytes"]), row["sha256"], row["source"], row["licence"])
            for row in rows
        }


def corpora_folder() -> Path:
    return Path(os.environ.get("NZIP_CORPORA") or HERE / "data")


def verify(path: Path, entry: Entry) -> None:
    """Raise CorpusError unless the file is exactly what the manifest says."""
    size = path.stat().st_size
    if size != entry.bytes:
        raise CorpusError(f"{path}: {size} bytes instead of {entry.bytes}")
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    if digest.hexdigest() != entry.sha256:
        raise CorpusError(f"{path}: SHA-256 differs from the manifest's")


class Fetcher:
    """Brings files into a folder; an archive that several of them come from is downloaded once."""

    def __init__(self, folder: Path, manifest: dict[str, Entry], scratch: Path) -> None:
        self._folder = folder
        self._manifest = manifest
        self._scratch = scratch

    def provide(self, entry: Entry) -> Path:
        """The verified path of an entry, fetched first if it is missing."""
        path = self._folder / entry.name
        if path.exists():
            verify(path, entry)
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        try:
            with self._open_source(entry) as source, part.open("wb") as target:
                _copy(source, target, entry.bytes)
            verify(part, entry)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return path

    @contextmanager
    def _open_source(self, entry: Entry) -> Iterator[IO[bytes]]:
        if entry.source.startswith("head of "):
            whole = self._manifest[entry.source.removeprefix("head of ")]
            with self.provide(whole).open("rb") as file:
                yield file
            return
        url, _, member = entry.source.partition("#")
        archive = self._download(url)
        if url.endswith(".zip"):
            with zipfile.ZipFile(archive) as zipped, zipped.open(member) as file:
                yield file
        elif url.endswith(".tar.gz"):
            with tarfile.open(archive) as tar:
                inside = tar.extractfile(member)
                if inside is None:
                    raise CorpusError(f"{url}: {member} is not a file")
                yield inside
        else:
            with bz2.open(archive) as file:
                yield file

    def _download(self, url: str) -> Path:
        path = self._scratch / hashlib.sha256(url.encode()).hexdigest()
        if not path.exists():
            print(f"fetching {url}", file=sys.stderr)
            part = path.with_suffix(".part")
            with urllib.request.urlopen(url, timeout=60) as answer, part.open("wb") as target:
                shutil.copyfileobj(answer, target, PIECE)
            part.replace(path)
        return path


def _copy(source: IO[bytes], target: IO[bytes], limit: int) -> None:
    """Copy at most `limit` bytes: all of a whole file, or the head of another."""
    while limit > 0 and (piece := source.read(min(PIECE, limit))):
        target.write(piece)
        limit -= len(piece)


def main() -> int:
    parser = argparse.ArgumentParser(description="Find, verify and fetch the corpora; prints where they are.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="names or patterns of the manifest")
    parser.add_argument("--folder", type=Path, default=corpora_folder(), help="NZIP_CORPORA or corpora/data")
    arguments = parser.parse_args()

    manifest = read_manifest()
    if arguments.names:
        wanted = [
            entry
            for name, entry in manifest.items()
            if any(fnmatch.fnmatch(name, pattern) for pattern in arguments.names)
        ]
    else:
        wanted = [entry for name, entry in manifest.items() if (arguments.folder / name).exists()]
    if not wanted:
        print("fetch.py: nothing in the manifest or the folder matches", file=sys.stderr)
        return 1

    failed = False
    with tempfile.TemporaryDirectory() as scratch:
        fetcher = Fetcher(arguments.folder, manifest, Path(scratch))
        for entry in wanted:
            try:
                print(fetcher.provide(entry))
            except (CorpusError, OSError, KeyError) as error:
                print(f"fetch.py: {entry.name}: {error}", file=sys.stderr)
                failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
