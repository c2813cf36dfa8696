"""What kinds of data a block, or a reference, consists of: the encoder's choice, which headers record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nzip import _native
from nzip.format.block import Segment, one_segment
from nzip.format.limits import MAX_ENTRIES
from nzip.format.registry import SegmentKind
from nzip.transforms.contract import Data, Part

PASSED, PREDICTED = SegmentKind.PACKED, SegmentKind.BINARY


def find_segments(
    data: Data,
    parts: Sequence[Part] = (),
    *,
    most: int = MAX_ENTRIES,
    passes: bool = True,
    stop: _native.Stop | None = None,
) -> tuple[Segment, ...]:
    """At most ``most`` segments, or else a single one. Of what the data consist, ``parts`` may tell.

    Compressed data are passed unless a reference may hold the same: nothing predicts what is passed.
    """
    segments = tuple(_found(data, parts, stop))
    if not passes:
        segments = tuple(
            Segment(PREDICTED, 0, size) if kind == PASSED else Segment(kind, parameter, size)
            for kind, parameter, size in segments
        )
    return segments if len(segments) <= most else one_segment(len(data))


def cut(segments: Sequence[Segment], start: int, end: int) -> tuple[Segment, ...]:
    """Those of the bytes from ``start`` to ``end`` of what the segments are of."""
    found, at = [], 0
    for kind, parameter, size in segments:
        if (inside := min(end, at + size) - max(start, at)) > 0:
            found.append(Segment(kind, parameter, inside))
        at += size
    return tuple(found)


def _found(data: Data, parts: Sequence[Part], stop: _native.Stop | None) -> Iterator[Segment]:
    """What parts are known to be, and what detectors take all between for."""
    at, end = 0, 0
    for part in parts:
        if part.hint is not None and part.data:
            yield from _detected(data, at, end, stop)
            yield Segment(*part.hint, len(part.data))
            at = end + len(part.data)
        end += len(part.data)
    yield from _detected(data, at, len(data), stop)


def _detected(data: Data, start: int, end: int, stop: _native.Stop | None) -> Iterator[Segment]:
    if start < end:
        found = _native.detect(memoryview(data)[start:end], stop)
        yield from (Segment(*fields) for fields in found)
