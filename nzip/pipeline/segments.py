"""What kinds of data a block, or a reference, consists of: the encoder's choice, which headers record."""

from __future__ import annotations

from nzip import _native
from nzip.format.block import Segment, one_segment
from nzip.format.limits import MAX_ENTRIES
from nzip.format.registry import SegmentKind

PASSED, PREDICTED = SegmentKind.PACKED, SegmentKind.BINARY


def find_segments(
    plain: bytes | bytearray,
    *,
    most: int = MAX_ENTRIES,
    passes: bool = True,
    stop: _native.Stop | None = None,
) -> tuple[Segment, ...]:
    """At most so many segments, or else a single one.

    Compressed data are passed unless a reference may hold the same: nothing predicts what is passed.
    """
    segments = tuple(Segment(*fields) for fields in _native.detect(plain, stop))
    if not passes:
        segments = tuple(
            Segment(PREDICTED, 0, size) if kind == PASSED else Segment(kind, parameter, size)
            for kind, parameter, size in segments
        )
    return segments if len(segments) <= most else one_segment(len(plain))
