"""Where numbers lie in what is compressed, block by block: a file's header tells of blocks far behind it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from nzip import _native
from nzip.codecs.layouts.contract import ANY, ENDLESS, Extent, tidy
from nzip.codecs.layouts.earlier import MAX_HEAD, EarlierLayout, place_segments
from nzip.codecs.layouts.table import read_parts
from nzip.codecs.layouts.zips import torch_entries
from nzip.format.block import Segment
from nzip.format.cursor import ShortInputError
from nzip.format.earlier import NOWHERE
from nzip.format.registry import BIG_ENDIAN, ElementType, SegmentKind
from nzip.transforms.contract import Arrays, Data

LEAST_HEAD = 1 << 12  # bytes before the first number that are worth a block of their own, if so many follow:
LEAST_ARRAYS = 1 << 20

_SMALL = 1 << 10  # bytes of an extent that is not worth a segment
_PIECE = 1 << 20  # bytes of numbers of any type for which one is chosen
_SAMPLE = 1 << 14
_WIDEST = 8  # bytes of a number
_ANY_TYPES = (ElementType.FLOAT32, ElementType.FLOAT16, ElementType.FLOAT64, ElementType.INT64)
# Floats that a library does not know, such as bfloat16, are said to be integers.
_ALSO = {
    integer + order: (number + order,)
    for integer, number in (
        (ElementType.INT16, ElementType.FLOAT16),
        (ElementType.INT32, ElementType.FLOAT32),
        (ElementType.INT64, ElementType.FLOAT64),
    )
    for order in (0, BIG_ENDIAN)
}
_BELIEVED = 0.98  # what is coded so must be smaller than this part of it


class Layout:
    """What is known of the next blocks of a stream."""

    def __init__(self, earlier: EarlierLayout | None = None) -> None:
        """``earlier`` is what an earlier version of the stream, or of a file in it, says of itself."""
        self._earlier = earlier
        self._ahead: list[Extent] = []  # from where the next block begins
        self._head = b""  # the blocks so far of a header that is not whole yet

    def end(self, pending: Data) -> int:
        """Where a block that begins so should end, so that a long header does not share it; 0: anywhere."""
        with memoryview(pending) as view:
            extents = self._ahead or self._read(view)
        first = extents[0].start if extents else 0
        return first if LEAST_HEAD <= first <= len(pending) - LEAST_ARRAYS else 0

    def take(self, block: Data, size: int) -> Arrays:
        """The arrays of the next block, of ``size`` bytes, which begins so; none unless most is arrays."""
        with memoryview(block) as view:
            extents = self._extents(view)
            segments, places = self._segments(view, extents)
        self._ahead = [each._replace(start=each.start - size) for each in extents if each.end > size]
        numbers = sum(segment.size for segment in segments if segment.parameter != ElementType.INT8)
        if numbers * 2 < size:
            return Arrays()
        if self._earlier is None:
            return Arrays(tuple(segments))
        return place_segments(segments, places, self._earlier.file.size)

    def _extents(self, block: memoryview) -> list[Extent]:
        """Those in the block, and behind it. Where the last one ends, another file may begin."""
        extents = self._ahead
        if not extents or extents[-1].size > ENDLESS // 2:
            extents = self._read(block, keep=True) or extents
        if extents and extents[-1].size > ENDLESS // 2 and self._earlier is not None:
            extents = [*extents[:-1], *_divided(block, extents[-1], self._earlier)]
        while extents and (end := extents[-1].end) < len(block) and end > 0:
            with block[end:] as rest:
                found = self._layout(rest) or []
            if not found:
                break
            extents = extents + [each._replace(start=each.start + end) for each in found]
        return extents

    def _read(self, block: memoryview, *, keep: bool = False) -> list[Extent]:
        """What the header says that begins here, or began before. It is kept if it goes on behind."""
        head, before = self._head + block if self._head else block, len(self._head)
        found = self._layout(memoryview(head))
        if keep:
            self._head = bytes(head) if found is None and len(head) <= MAX_HEAD else b""
        return [each._replace(start=each.start - before) for each in found or ()]

    def _layout(self, file: memoryview) -> list[Extent] | None:
        try:
            extents = read_parts(file)
        except ShortInputError:
            return None
        return tidy(extents if self._earlier is None else self._earlier.placed(extents))

    def _segments(self, block: memoryview, extents: Iterable[Extent]) -> tuple[list[Segment], list[int]]:
        """All of a block: what extents are believed to be, and bytes between; and each one's place."""
        segments: list[Segment] = []
        places: list[int] = []

        def append(element: int, size: int, place: int) -> None:
            if segments and element == ElementType.INT8 == segments[-1].parameter:
                size, place = size + segments.pop().size, places.pop()
            if size:
                segments.append(Segment(SegmentKind.ARRAY, element, size))
                places.append(place)

        at, follows = 0, NOWHERE
        for extent in extents:
            end = min(extent.end, len(block))
            for start, stop, element, place in self._pieces(block, extent, max(extent.start, 0), end):
                if stop - start >= _SMALL and element != ElementType.INT8:
                    gap = start - at
                    append(ElementType.INT8, gap, place - gap if place >= gap else follows)
                    append(element, stop - start, place)
                    at, follows = stop, NOWHERE if place == NOWHERE else place + stop - start
        append(ElementType.INT8, len(block) - at, follows)
        return segments, places

    def _pieces(
        self, block: memoryview, extent: Extent, start: int, end: int
    ) -> Iterator[tuple[int, int, int, int]]:
        """What is believed of an extent's part in a block, and where it was: whole elements, from where one
        begins."""

        def piece(start: int, stop: int, types: Sequence[int]) -> tuple[int, int, int, int]:
            place = NOWHERE if extent.place == NOWHERE else extent.place + start - extent.start
            return start, stop, self._fitting(block[start:stop], types, place), place

        if extent.type == ANY:
            start += -(start - extent.start) % _WIDEST
            while start < end:
                stop = min(start + _PIECE, end)
                yield piece(start, stop, _ANY_TYPES)
                start = stop
        elif (size := _native.element_size(extent.type)) is not None:
            start += -(start - extent.start) % size
            if start < end:
                yield piece(start, end, (extent.type, *_ALSO.get(extent.type, ())))

    def _fitting(self, numbers: memoryview, types: Sequence[int], place: int) -> int:
        """The type with which a sample becomes smallest, if that is believed; else bytes."""
        size = math.lcm(*(_native.element_size(element) or 1 for element in types))
        start = max(0, len(numbers) - _SAMPLE) // 2 // size * size
        sample = numbers[start : start + _SAMPLE]
        earlier = b""
        if self._earlier is not None and place != NOWHERE:
            earlier = self._earlier.part(place + start, len(sample))
        cost, best = min((_native.estimate_array(sample, element, earlier), element) for element in types)
        return best if cost < _BELIEVED * len(sample) else ElementType.INT8


def _divided(block: memoryview, extent: Extent, earlier: EarlierLayout) -> Iterator[Extent]:
    """An extent without a known end: the entries that begin in the block, and what goes on before these."""
    for header, entry in torch_entries(block):
        if header >= extent.start:
            yield extent._replace(size=header - extent.start)
            extent = next(earlier.placed([entry]))
    yield extent
