"""Tables of numbers that are no samples: found as records by what their columns tell."""

from __future__ import annotations

import math
import random
import struct

from support.engines import ENGINE
from support.samples import noise

from nzip import _native
from nzip.format.registry import SegmentKind


def repeated_floats(count: int, kind: str) -> bytes:
    """Numbers of full precision, most of which stood somewhere before."""
    dust = random.Random(5)
    known = [math.exp(dust.gauss(0, 3)) * dust.choice((-1, 1)) for _ in range(count // 8)]
    return struct.pack(f"<{count}{kind}", *(dust.choice(known) for _ in range(count)))


def found(plain: bytes) -> list[tuple[int, int, int]]:
    return _native.detect(plain)


def test_numbers_are_records_of_eight_bytes():
    for kind in "fd":
        plain = repeated_floats(70_000 // struct.calcsize(kind), kind)
        assert found(plain) == [(SegmentKind.RECORDS, 8, len(plain))]


def test_they_are_worth_it():
    plain = repeated_floats(9000, "f")
    sizes = [
        len(ENGINE.engine(4, 20).encode(plain, 1, [segment]))
        for segment in ((SegmentKind.RECORDS, 8, len(plain)), (SegmentKind.BINARY, 0, len(plain)))
    ]
    assert sizes[0] < 0.99 * sizes[1]


def test_what_has_no_columns_is_none():
    dust = random.Random(6)
    words = [noise(dust.randrange(2, 9), seed) for seed in range(300)]
    plain = b"".join(dust.choice(words) for _ in range(12_000))
    assert all(stride != 8 for kind, stride, _ in found(plain) if kind == SegmentKind.RECORDS)
