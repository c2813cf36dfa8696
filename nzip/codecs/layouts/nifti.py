"""NIfTI-1 (.nii). Engine 1 knows images of integers better: only floats are told of."""

from __future__ import annotations

import math

from nzip.codecs.layouts.contract import Extent
from nzip.format.cursor import ShortInputError
from nzip.format.registry import BIG_ENDIAN, ElementType

_HEADER = 348  # bytes, as the header's first number says
_TYPES = {16: (ElementType.FLOAT32, 4), 64: (ElementType.FLOAT64, 8), 32: (ElementType.FLOAT32, 8)}


def parse(file: memoryview) -> list[Extent] | None:
    first = bytes(file[:4])
    if _HEADER not in (int.from_bytes(first, "little"), int.from_bytes(first, "big")):
        return None
    if len(file) < _HEADER:
        raise ShortInputError
    if bytes(file[344:347]) != b"n+1":
        return None
    big = first[0] == 0

    def number(at: int) -> int:
        return int.from_bytes(file[at : at + 2], "big" if big else "little")

    element, width = _TYPES.get(number(70), (ElementType.INT8, 1))
    size = width * math.prod(number(42 + 2 * axis) for axis in range(min(7, number(40))))
    # The offset of the image is a float, and nearly always that of what follows the header.
    return [Extent(_HEADER + 4, size, element + (BIG_ENDIAN if big and width > 1 else 0))]
