"""Where an earlier version of a file has the numbers that a file has, by their names or by their place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from nzip import _native
from nzip.codecs.layouts.contract import ENDLESS, Extent
from nzip.codecs.layouts.table import read_parts
from nzip.codecs.layouts.zips import torch_entries
from nzip.format.block import Segment
from nzip.format.cursor import ShortInputError
from nzip.format.earlier import NOWHERE
from nzip.resources.references import CHUNK, ReferenceFile
from nzip.transforms.contract import Arrays

MAX_HEAD = 1 << 26  # bytes of a header
_MOST = 1 << 20  # extents
_MOST_ENTRY = 1 << 10  # bytes of a header of an entry


class EarlierLayout:
    """What an earlier file says of its own numbers."""

    def __init__(self, file: ReferenceFile) -> None:
        self.file = file
        self._places = {extent.name: extent.start for extent in islice(_extents(file), _MOST) if extent.name}

    def placed(self, extents: Iterable[Extent]) -> Iterator[Extent]:
        """Extents of a file with their places in the earlier one; those that it does not name stay where
        they are."""
        for extent in extents:
            place = self._places.get(extent.name, extent.start)
            yield extent._replace(place=place if place < self.file.size else NOWHERE)

    def part(self, place: int, size: int) -> bytes:
        """So many bytes, or none where the file does not have them."""
        if place == NOWHERE or place + size > self.file.size:
            return b""
        return next(self.file.parts([(place, size)]))


def place_segments(segments: Iterable[Segment], places: Iterable[int], earlier_size: int) -> Arrays:
    """Segments with places that are in the earlier file: what goes on behind its end has none."""
    found: list[tuple[Segment, int]] = []
    for segment, place in zip(segments, places, strict=True):
        element = _native.element_size(segment.parameter) or 1
        inside = 0 if place == NOWHERE else max(0, min(segment.size, earlier_size - place))
        if inside < segment.size:
            inside -= inside % element
        if inside:
            found.append((segment._replace(size=inside), place))
        if inside < segment.size:
            found.append((segment._replace(size=segment.size - inside), NOWHERE))
    return Arrays(tuple(segment for segment, _ in found), tuple(place for _, place in found))


def _extents(file: ReferenceFile) -> Iterator[Extent]:
    """All extents of a file, and of those that follow one another in it."""
    at = 0
    while at < file.size and (found := _read(file, at)):
        if found[-1].size == ENDLESS:
            yield from _entries(file, at)
            return
        yield from (extent._replace(start=at + extent.start) for extent in found)
        at += max(extent.end for extent in found)


def _read(file: ReferenceFile, at: int) -> list[Extent]:
    """What the header says that begins there."""
    size = CHUNK
    while size <= MAX_HEAD:
        head = next(file.parts([(at, min(size, file.size - at))]))
        try:
            return read_parts(memoryview(head))
        except ShortInputError:
            size = 4 * size if len(head) == size else MAX_HEAD + 1
    return []


def _entries(file: ReferenceFile, start: int) -> Iterator[Extent]:
    """Those of one of PyTorch's files."""
    parts = range(start, file.size, CHUNK)
    ends = [min(at + CHUNK + _MOST_ENTRY, file.size) for at in parts]
    wanted = [(at, end - at) for at, end in zip(parts, ends, strict=True)]
    for at, part in zip(parts, file.parts(wanted), strict=True):
        for header, extent in torch_entries(memoryview(part)):
            if header < CHUNK:
                yield extent._replace(start=at + extent.start)
