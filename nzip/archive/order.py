"""An order in which similar files are neighbours, so that they share a block."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import groupby

from nzip import _native
from nzip.archive.tree import ArchiveWarning, Entry, open_regular

HEAD = 1 << 13  # bytes of a file that are looked at
WINDOW = 2048  # files among which the most similar one is sought


def by_similarity(entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entries by type, which is the extension of the name, each followed by the one most like it.

    Where a type has many files, those of similar names are compared.
    """
    for _, alike in groupby(sorted(entries, key=_type_and_name), key=_type):
        files = list(alike)
        for start in range(0, len(files), WINDOW):
            window = sorted(files[start : start + WINDOW], key=lambda entry: entry.member.path)
            sketches = [_sketch(entry.source) for entry in window] if len(window) > 2 else []
            order = _native.chain(sketches) if sketches else range(len(window))  # of two nothing is to choose
            yield from (window[number] for number in order)


def _type(entry: Entry) -> str:
    return os.path.splitext(entry.member.path)[1].lower()


def _type_and_name(entry: Entry) -> tuple[str, str, str]:
    return _type(entry), os.path.basename(entry.member.path), entry.member.path


def _sketch(path: str) -> bytes:
    """What of a file's beginning is compared; native/detect/similarity.hpp says how."""
    try:
        with open_regular(path) as file:
            return _native.sketch_of(file.read(HEAD))
    except (OSError, ArchiveWarning):  # told when the file is to be stored
        return _native.sketch_of(b"")
