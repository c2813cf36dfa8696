"""What every parser of a kind of files must be able to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from nzip.format.earlier import NOWHERE

ANY = -1  # the type of numbers of which a file does not tell more: what fits is found out
ENDLESS = 1 << 62  # bytes: up to the end of the file
MAX_EXTENTS = 1 << 14  # more are not looked at
LEAST = 1 << 18  # bytes of an array that is coded apart from its neighbours


class Extent(NamedTuple):
    """Numbers of one type, without a gap."""

    start: int  # bytes from where the file begins
    size: int  # bytes
    type: int  # of the elements: the parameter of a segment, or ANY
    name: str = ""  # by which an earlier version of the file has the same numbers
    place: int = NOWHERE  # where they stand there

    @property
    def end(self) -> int:
        return self.start + self.size


# Of the bytes with which a file begins: the extents, in any order; None where it is no such file.
# ShortInputError where the header goes on behind these bytes.
Parser = Callable[[memoryview], list[Extent] | None]


def tidy(extents: Iterable[Extent]) -> list[Extent]:
    """In order, without what overlaps; small neighbours of one type are joined."""
    result: list[Extent] = []
    for extent in sorted(extents):
        if extent.size <= 0 or (result and extent.start < result[-1].end):
            continue
        if result and _belong_together(result[-1], extent):
            last = result.pop()
            extent = last._replace(size=last.size + extent.size)
        result.append(extent._replace(name=""))
        if len(result) == MAX_EXTENTS:
            break
    return result


def _belong_together(first: Extent, second: Extent) -> bool:
    touch = first.end == second.start
    is_small = min(first.size, second.size) < LEAST
    follows = second.place == (NOWHERE if first.place == NOWHERE else first.place + first.size)
    return touch and first.type == second.type and is_small and follows
