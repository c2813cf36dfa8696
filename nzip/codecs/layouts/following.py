"""Where numbers lie in what is compressed, block by block: a file's header tells of blocks far behind it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from nzip import _native
from nzip.codecs.layouts.contract import ANY, ENDLESS, Extent
from nzip.codecs.layouts.table import read_layout
from nzip.format.block import Segment
from nzip.format.cursor import ShortInputError
from nzip.format.registry import BIG_ENDIAN, ElementType, SegmentKind
from nzip.transforms.contract import Data

MAX_HEAD = 1 << 26  # bytes of a header that goes on over several blocks
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

    def __init__(self) -> None:
        self._ahead: list[Extent] = []  # from where the next block begins
        self._head = b""  # the blocks so far of a header that is not whole yet

    def end(self, pending: Data) -> int:
        """Where a block that begins so should end, so that a long header does not share it; 0: anywhere."""
        with memoryview(pending) as view:
            extents = self._ahead or self._read(view)
        first = extents[0].start if extents else 0
        return first if LEAST_HEAD <= first <= len(pending) - LEAST_ARRAYS else 0

    def take(self, block: Data, size: int) -> tuple[Segment, ...]:
        """The segments of the next block, of ``size`` bytes, which begins so; none unless most is arrays."""
        with memoryview(block) as view:
            extents = self._extents(view)
            segments = _segments(view, extents)
        self._ahead = [each._replace(start=each.start - size) for each in extents if each.end > size]
        numbers = sum(segment.size for segment in segments if segment.parameter != ElementType.INT8)
        return tuple(segments) if numbers * 2 >= size else ()

    def _extents(self, block: memoryview) -> list[Extent]:
        """Those in the block, and behind it. Where the last one ends, another file may begin."""
        extents = self._ahead
        if not extents or extents[-1].size > ENDLESS // 2:
            extents = self._read(block, keep=True) or extents
        while extents and (end := extents[-1].end) < len(block) and end > 0:
            with block[end:] as rest:
                found = _layout(rest) or []
            if not found:
                break
            extents = extents + [each._replace(start=each.start + end) for each in found]
        return extents

    def _read(self, block: memoryview, *, keep: bool = False) -> list[Extent]:
        """What the header says that begins here, or began before. It is kept if it goes on behind."""
        head, before = self._head + block if self._head else block, len(self._head)
        found = _layout(memoryview(head))
        if keep:
            self._head = bytes(head) if found is None and len(head) <= MAX_HEAD else b""
        return [each._replace(start=each.start - before) for each in found or ()]


def _layout(file: memoryview) -> list[Extent] | None:
    try:
        return read_layout(file)
    except ShortInputError:
        return None


def _segments(block: memoryview, extents: Iterable[Extent]) -> list[Segment]:
    """All of a block: what extents are believed to be, and bytes between."""
    segments: list[Segment] = []

    def append(element: int, size: int) -> None:
        joins = segments and element == ElementType.INT8 == segments[-1].parameter
        if joins:
            size += segments.pop().size
        if size:
            segments.append(Segment(SegmentKind.ARRAY, element, size))

    at = 0
    for extent in extents:
        end = min(extent.end, len(block))
        for start, stop, element in _pieces(block, extent, max(extent.start, 0), end):
            if stop - start >= _SMALL and element != ElementType.INT8:
                append(ElementType.INT8, start - at)
                append(element, stop - start)
                at = stop
    append(ElementType.INT8, len(block) - at)
    return segments


def _pieces(block: memoryview, extent: Extent, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """What is believed of an extent's part in a block: whole elements, from where one begins."""
    if extent.type == ANY:
        start += -(start - extent.start) % _WIDEST
        while start < end:
            stop = min(start + _PIECE, end)
            yield start, stop, _fitting(block[start:stop], _ANY_TYPES)
            start = stop
    elif (size := _native.element_size(extent.type)) is not None:
        start += -(start - extent.start) % size
        types = (extent.type, *_ALSO.get(extent.type, ()))
        yield start, end, _fitting(block[start:end], types) if start < end else ElementType.INT8


def _fitting(numbers: memoryview, types: Sequence[int]) -> int:
    """The type with which a sample becomes smallest, if that is believed; else bytes."""
    size = math.lcm(*(_native.element_size(element) or 1 for element in types))
    start = max(0, len(numbers) - _SAMPLE) // 2 // size * size
    sample = numbers[start : start + _SAMPLE]
    cost, best = min((_native.estimate_array(sample, element), element) for element in types)
    return best if cost < _BELIEVED * len(sample) else ElementType.INT8
