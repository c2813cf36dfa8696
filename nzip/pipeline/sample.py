"""Places in the input, so chosen that each byte is as likely to be near one as any other."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

HALF = 1 << 16  # bytes: half of a piece warms the tables, the other half is measured
PLACES = 512


@dataclass(frozen=True)
class Pick:
    """A file that is small enough to be taken whole, or a piece of a larger one."""

    path: str
    size: int  # of the file
    start: int  # of the piece

    @property
    def is_whole(self) -> bool:
        return self.size <= 2 * HALF

    def read(self, size: int = 2 * HALF) -> bytes:
        """The bytes at the piece, fewer where the file has no more."""
        with open(self.path, "rb") as file:
            file.seek(max(0, min(self.start, self.size - size)))
            return file.read(size)


def choose(files: Sequence[tuple[str, int]]) -> list[Pick]:
    """The pick at each place: the same one again where several places lead to it.

    The places are evenly spaced over all bytes of the files, sorted so that similar ones are neighbours. They
    come in such an order that the first ones, however many these are, are about evenly spaced, too.
    """
    files = sorted(
        (file for file in files if file[1]), key=lambda file: (os.path.splitext(file[0])[1], file[0])
    )
    ends = list(accumulate(size for _, size in files))
    picks = []
    for number in _spread(PLACES) if files else ():
        place = (2 * number + 1) * ends[-1] // (2 * PLACES)
        path, size = files[at := bisect_right(ends, place)]
        inside = place - (ends[at] - size)
        start = max(0, min(inside // HALF * HALF, size - 2 * HALF))
        picks.append(Pick(path, size, start))
    return picks


def _spread(count: int) -> list[int]:
    """The numbers below ``count`` in the order of their reversed binary digits.

    >>> _spread(8)
    [0, 4, 2, 6, 1, 5, 3, 7]
    """
    return sorted(range(count), key=lambda number: f"{number:032b}"[::-1])
