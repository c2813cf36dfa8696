"""An order in which similar files are neighbours, so that they share a block."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from nzip.archive.tree import ArchiveWarning, Entry, open_regular

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Sketch = NDArray[np.uint16]

HEAD = 1 << 13  # bytes of a file that are looked at
SHINGLE = 6  # bytes
SAMPLE_BITS = 2  # of the shingles one in 2^2 counts
SLOTS = 32
WINDOW = 2048  # files among which the most similar one is sought


def by_similarity(entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entries by type, which is the extension of the name, each followed by the one most like it.

    Where a type has many files, those of similar names are compared.
    """
    for _, alike in groupby(sorted(entries, key=_type_and_name), key=_type):
        files = list(alike)
        for start in range(0, len(files), WINDOW):
            window = sorted(files[start : start + WINDOW], key=lambda entry: entry.member.path)
            if len(window) < 3:  # there is nothing to choose
                yield from window
            else:
                yield from (window[number] for number in _chain([_sketch(entry.source) for entry in window]))


def _type(entry: Entry) -> str:
    return os.path.splitext(entry.member.path)[1].lower()


def _type_and_name(entry: Entry) -> tuple[str, str, str]:
    return _type(entry), os.path.basename(entry.member.path), entry.member.path


def _chain(sketches: list[Sketch]) -> Iterator[int]:
    """The numbers of all sketches: 0, then always that of the one most like the last; the first of equals."""
    import numpy as np

    table = np.array(sketches)
    is_left = np.ones(len(sketches), np.int64)
    current = 0
    for _ in sketches:
        yield current
        is_left[current] = 0
        current = int(np.argmax(((table == table[current]).sum(axis=1) + 1) * is_left))


def _sketch(path: str) -> Sketch:
    """The least of the hashes of the shingles at a file's beginning, for each of several hash functions.

    Two files have about as large a part of these in common as of their shingles. A few bits of each will do.
    """
    import numpy as np

    try:
        with open_regular(path) as file:
            head = np.frombuffer(file.read(HEAD), np.uint8).astype(np.uint64)
    except (OSError, ArchiveWarning):  # told when the file is to be stored
        head = np.zeros(0, np.uint64)
    if len(head) < SHINGLE:
        return np.zeros(SLOTS, np.uint16)
    shingles = np.zeros(len(head) - SHINGLE + 1, np.uint64)
    for at in range(SHINGLE):
        shingles |= head[at : at + len(shingles)] << np.uint64(8 * at)
    hashes = shingles * np.uint64(0x9E3779B97F4A7C15)
    hashes ^= hashes >> np.uint64(32)
    sample = hashes[hashes >> np.uint64(64 - SAMPLE_BITS) == 0]
    if not len(sample):
        sample = hashes
    multipliers = np.uint64(0xD6E8FEB86659FD93) * np.arange(1, 2 * SLOTS, 2, dtype=np.uint64)
    sketch: Sketch = ((sample[:, None] * multipliers) >> np.uint64(20)).min(axis=0).astype(np.uint16)
    return sketch
